import { describe, expect, it } from 'vitest';
import { startMatch } from '../../../domain/arena/start.ts';
import type { PublicState } from '../../../domain/arena/types.ts';
import { applyDiff, diffState, publicState } from '../../../domain/arena/view.ts';
import { acts, board, botMatch, defend, SEED, seatsOf, sha256, tickOf, tile } from './world.ts';
import { standard } from '../../../domain/arena/config.ts';

const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('what players see', () => {
  it('is the state without the seed, in full and in diffs', () => {
    const start = startMatch(SEED, standard, seatsOf(2), sha256);
    const { seed, ...rest } = start;
    expect(publicState(start)).toEqual(rest);
    expect(JSON.stringify(diffState(start, tickOf(start, [acts(0, defend)]).state))).not.toContain(seed);
  });

  it('names changed fields only', () => {
    const before = board([{ at: tile(5, 5) }, {}]);
    const after = tickOf(before, [acts(0, { type: 'move', direction: 'east' })]).state;
    expect(diffState(before, after)).toEqual({ tick: 1, players: [{ seat: 0, at: tile(6, 5) }] });
    expect(diffState(after, tickOf(after, []).state)).toEqual({ tick: 2 });
  });

  it('rebuilds every state of a match from the frames that were sent, ticks without inputs left out', () => {
    const { states, ticks } = botMatch(SEED, ['turtle', 'hunter', 'collector', 'turtle']);
    let sent = states[0]!;
    let seen: PublicState = overTheWire(publicState(sent));
    for (const { tick } of ticks) {
      const now = states[tick]!;
      seen = applyDiff(seen, overTheWire(diffState(sent, now)));
      sent = now;
      expect(seen).toEqual(publicState(now));
    }
    expect(seen.phase.status).toBe('finished');
    expect(ticks.length).toBeLessThan(states.length);
  });
});
