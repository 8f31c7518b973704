import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, canonicalJson } from '../../../domain/canonical-json.ts';
import { isInside, isWall } from '../../../domain/arena/grid.ts';
import { toHex } from '../../../domain/arena/random.ts';
import { recompute } from '../../../domain/arena/recording.ts';
import { startMatch } from '../../../domain/arena/start.ts';
import { stateHash, stateJson } from '../../../domain/arena/state-hash.ts';
import type { Action, Input, MatchState } from '../../../domain/arena/types.ts';
import { acts, leaves, playToEnd, seatsOf, sha256 } from './world.ts';

const CONFIG = { tickMs: 100, maxTicks: 40, lobbyMs: 0, connectWaitMs: 0, attackReachTiles: 1 };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('move'),
      direction: fc.constantFrom('north', 'south', 'east', 'west'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('attack'),
      targetId: fc.constantFrom('p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p9'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('defend') }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('collect') }) },
);
type Sent = { seat: number; does: Action | 'leave' };
const sent: fc.Arbitrary<Sent> = fc.record({
  seat: fc.nat(5),
  does: fc.oneof({ weight: 200, arbitrary: action }, { weight: 1, arbitrary: fc.constant('leave') }),
});

/** Players start around the middle with few hp, so that random play fights, dies and collects. */
const match = fc.record({
  seed: fc.stringMatching(/^[0-9a-f]{64}$/),
  count: fc.integer({ min: 2, max: 6 }),
  script: fc.array(fc.array(sent, { maxLength: 6 }), { maxLength: 40 }),
});
type Match = typeof match extends fc.Arbitrary<infer T> ? T : never;

const crowded = (start: MatchState): MatchState => ({
  ...start,
  players: start.players.map((player, seat) =>
    player.alive ? { ...player, hp: 45, at: { x: 3 + (seat % 3), y: 3 + Math.floor(seat / 3) } } : player,
  ),
});

function play({ seed, count, script }: Match, arrange = crowded) {
  const start = arrange(startMatch(seed, CONFIG, seatsOf(count, 12), sha256));
  const played = playToEnd(start, (state, nextSequence) => {
    const acted = new Set<number>();
    return (script[state.tick] ?? []).flatMap(({ seat, does }): Input[] => {
      if (seat >= count) return [];
      if (does === 'leave') return [leaves(seat, nextSequence())];
      if (acted.has(seat)) return [];
      acted.add(seat);
      return [acts(seat, does, nextSequence())];
    });
  });
  return { start, ...played };
}

const sum = (values: readonly { resources: number }[]): number =>
  values.reduce((total, { resources }) => total + resources, 0);
const resourcesIn = ({ players, nodes, drops }: MatchState): number => sum(players) + sum(nodes) + sum(drops);

function* numbersIn(value: unknown): Generator<number> {
  if (typeof value === 'number') yield value;
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) yield* numbersIn(member);
}

const forEveryMatch = (law: (played: ReturnType<typeof play>, given: Match) => void): void =>
  fc.assert(
    fc.property(match, (given) => law(play(given), given)),
    { numRuns: 60 },
  );

describe('in every match', () => {
  it('the same seed and inputs give the same bytes', () => {
    forEveryMatch((played, given) => {
      expect(canonicalJson(play(given).states)).toBe(canonicalJson(played.states));
      expect(play(given).ticks).toEqual(played.ticks);
    });
  });

  it('resources are neither made nor lost after the start', () => {
    forEveryMatch(({ start, states }) => {
      for (const state of states) expect(resourcesIn(state)).toBe(resourcesIn(start));
    });
  });

  it('no two living players share a tile, and none stands on a wall or outside', () => {
    forEveryMatch(({ states }) => {
      for (const { players } of states) {
        const tiles = players.flatMap(({ at }) => (at === null ? [] : [at]));
        expect(new Set(tiles.map(({ x, y }) => `${x},${y}`)).size).toBe(tiles.length);
        expect(tiles.every((at) => isInside(at) && !isWall(at))).toBe(true);
      }
    });
  });

  it('hp only falls, scores and attack counts only rise, and the dead stay dead with nothing but what they kept', () => {
    forEveryMatch(({ states }) => {
      for (const [i, state] of states.entries()) {
        for (const [seat, player] of state.players.entries()) {
          const before = states[i - 1]?.players[seat] ?? player;
          expect(player.hp).toBeLessThanOrEqual(before.hp);
          expect(player.alive).toBe(player.hp > 0);
          expect(player.score).toBeGreaterThanOrEqual(before.score);
          expect(player.attackCount).toBeGreaterThanOrEqual(before.attackCount);
          if (!before.alive) expect({ ...player, score: 0 }).toEqual({ ...before, score: 0 });
        }
      }
    });
  });

  it('every point is explained by an hp taken, an elimination, a collection or being alive at the end', () => {
    forEveryMatch(({ ticks, start, final }) => {
      const points = new Map(start.players.map(({ seat }) => [seat, 0]));
      const add = (seat: number, gained: number) => points.set(seat, points.get(seat)! + gained);
      const hp = start.players.map((player) => player.hp);
      for (const result of ticks.flatMap(({ results }) => results)) {
        if (result.status === 'rejected') continue;
        if (result.effect.type === 'collected') add(result.seat, 50);
        if (result.effect.type !== 'attacked') continue;
        const { damage, targetSeat } = result.effect;
        hp[targetSeat]! -= damage;
        add(result.seat, damage + (hp[targetSeat] === 0 ? 100 : 0));
      }
      for (const { seat, alive } of final.players) if (alive) add(seat, 25);
      expect(final.players.map(({ score }) => score)).toEqual([...points.values()]);
    });
  });

  it('a fingerprint is the hash of the whole state’s canonical JSON', () => {
    forEveryMatch(({ states }) => {
      for (const state of states) expect(stateJson(state)).toBe(canonicalJson(state));
      expect(stateHash(states.at(-1)!, sha256)).toBe(toHex(sha256(canonicalBytes(states.at(-1)))));
    });
  });

  it('every number is a safe integer', () => {
    forEveryMatch(({ states }) => {
      expect([...numbersIn(states)].filter((number) => !Number.isSafeInteger(number))).toEqual([]);
    });
  });

  it('somebody wins, the dead win only when all are dead, and the recording is recomputed equal', () => {
    fc.assert(
      fc.property(match, (given) => {
        const { final, ticks } = play(given, (start) => start);
        if (final.phase.status !== 'finished') throw new Error('every match ends');
        const winners = final.phase.outcomes.filter(({ outcome }) => outcome === 'winner');
        const anyAlive = final.players.some(({ alive }) => alive);
        expect(winners.length).toBeGreaterThan(0);
        expect(winners.every(({ seat }) => final.players[seat]!.alive === anyAlive)).toBe(true);
        const recording = { seed: given.seed, config: CONFIG, seats: seatsOf(given.count, 12), ticks };
        expect(recompute(recording, sha256)).toMatchObject({ equal: true });
      }),
      { numRuns: 60 },
    );
  });
});
