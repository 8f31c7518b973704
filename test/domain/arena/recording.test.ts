import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LoggedTick, type Recording, recompute, replayTicks } from '../../../domain/arena/recording.ts';
import { startMatch } from '../../../domain/arena/start.ts';
import { botMatch, SEED, sha256 } from './world.ts';

const { recording, states, final } = botMatch(SEED, ['collector', 'hunter', 'turtle']);
const lastTick = recording.ticks.at(-1)!.tick;

const withTick = (index: number, change: (logged: LoggedTick) => LoggedTick): Recording => ({
  ...recording,
  ticks: recording.ticks.map((logged, i) => (i === index ? change(logged) : logged)),
});
const flip = (hex: string, at: number): string =>
  hex.slice(0, at) + (Number.parseInt(hex[at]!, 16) ^ 1).toString(16) + hex.slice(at + 1);

describe('a recording', () => {
  it('is recomputed equal, also after a trip through JSON', () => {
    expect(recompute(recording, sha256)).toMatchObject({ equal: true, state: final });
    expect(recompute(JSON.parse(JSON.stringify(recording)) as Recording, sha256)).toMatchObject({
      equal: true,
    });
  });

  it('names the tick of a flipped fingerprint', () => {
    fc.assert(
      fc.property(fc.nat(recording.ticks.length - 1), fc.nat(63), (index, at) => {
        const forged = withTick(index, (logged) => ({ ...logged, stateHash: flip(logged.stateHash, at) }));
        expect(recompute(forged, sha256)).toEqual({
          equal: false,
          firstDifferentTick: recording.ticks[index]!.tick,
        });
      }),
      { numRuns: 20 },
    );
  });

  it('names the tick of a changed, added or removed input', () => {
    const index = recording.ticks.findIndex(({ results }) =>
      results?.some((result) => result.status === 'resolved'),
    );
    const different = { equal: false, firstDifferentTick: recording.ticks[index]!.tick };
    const without = withTick(index, (logged) => ({ ...logged, inputs: logged.inputs.slice(1) }));
    const twice = withTick(index, (logged) => ({ ...logged, inputs: [...logged.inputs, ...logged.inputs] }));
    const nonsense = withTick(index, (logged) => ({
      ...logged,
      inputs: JSON.parse(
        JSON.stringify(logged.inputs).replaceAll('direction":"', 'direction":"x'),
      ) as LoggedTick['inputs'],
    }));
    for (const forged of [without, twice, nonsense]) expect(recompute(forged, sha256)).toEqual(different);
  });

  it('need not hold the answers: they follow from the inputs', () => {
    const ticks = recording.ticks.map(({ tick, inputs, stateHash }) => ({ tick, inputs, stateHash }));
    const answers = recording.ticks.map(({ results }) => results);
    expect(recompute({ ...recording, ticks }, sha256)).toEqual({ equal: true, state: final, answers });
  });

  it('names the tick of a changed answer', () => {
    const forged = withTick(3, (logged) => ({ ...logged, results: [] }));
    expect(recompute(forged, sha256)).toEqual({ equal: false, firstDifferentTick: recording.ticks[3]!.tick });
  });

  it('differs from its first tick under another seed, and at 0 when it cannot even start', () => {
    const first = recording.ticks[0]!.tick;
    expect(recompute({ ...recording, seed: flip(SEED, 9) }, sha256)).toEqual({
      equal: false,
      firstDifferentTick: first,
    });
    expect(recompute({ ...recording, seed: 'none' }, sha256)).toEqual({
      equal: false,
      firstDifferentTick: 0,
    });
    expect(recompute({ ...recording, seats: [] }, sha256)).toEqual({ equal: false, firstDifferentTick: 0 });
  });

  it('must reach the end of its match, in ascending ticks, and stop there', () => {
    const cut = { ...recording, ticks: recording.ticks.slice(0, -1) };
    expect(recompute(cut, sha256)).toEqual({ equal: false, firstDifferentTick: cut.ticks.at(-1)!.tick + 1 });
    const beyond = { ...recording.ticks[0]!, tick: 1_000_000_000 };
    expect(recompute({ ...recording, ticks: [...recording.ticks, beyond] }, sha256)).toEqual({
      equal: false,
      firstDifferentTick: 1_000_000_000,
    });
    const repeated = { ...recording, ticks: [recording.ticks[0]!, ...recording.ticks] };
    expect(recompute(repeated, sha256)).toEqual({
      equal: false,
      firstDifferentTick: recording.ticks[0]!.tick,
    });
  });

  it('lets a new host go on after any logged tick, from the start or from a snapshot', () => {
    const middle = Math.floor(recording.ticks.length / 2);
    const reached = recording.ticks[middle - 1]!.tick;
    const start = startMatch(recording.seed, recording.config, recording.seats, sha256);
    const resumed = replayTicks(start, recording.ticks.slice(0, middle), sha256);
    const answers = recording.ticks.slice(0, middle).map(({ results }) => results);
    expect(resumed).toEqual({ equal: true, state: states[reached], answers });
    expect(replayTicks(states[reached]!, recording.ticks.slice(middle), sha256)).toMatchObject({
      equal: true,
      state: final,
    });
    expect(final.tick).toBe(lastTick);
  });
});
