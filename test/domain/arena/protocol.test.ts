import { describe, expect, it } from 'vitest';
import { closeCodes, socketLimits } from '../../../domain/arena/protocol.ts';
import { arenaRejections } from '../../../domain/arena/types.ts';
import { errorCodes } from '../../../domain/errors.ts';
import { botMatch, SEED } from './world.ts';

describe('the socket protocol', () => {
  it('answers every rule’s rejection with 409', () => {
    expect(arenaRejections.filter((code) => errorCodes[code].status !== 409)).toEqual([]);
  });

  it('has one close code per reason, all of them legal for an application to send', () => {
    const codes = Object.values(closeCodes);
    expect(new Set(codes).size).toBe(codes.length);
    const ours = codes.filter((code) => code >= 4000);
    expect(ours.every((code) => code <= 4999)).toBe(true);
    expect(codes.filter((code) => code < 4000).toSorted((a, b) => a - b)).toEqual([
      1001, 1003, 1007, 1008, 1009, 1013,
    ]);
  });

  it('fits a full state of six players into one frame', () => {
    const { states } = botMatch(SEED, ['collector', 'collector', 'collector', 'turtle', 'turtle', 'turtle']);
    const largest = Math.max(...states.map((state) => JSON.stringify(state).length));
    expect(largest).toBeLessThan(socketLimits.frameBytesMax / 2);
  });
});
