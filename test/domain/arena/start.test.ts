import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presets, shortMatch, standard } from '../../../domain/arena/config.ts';
import { nodeTiles, spawns } from '../../../domain/arena/grid.ts';
import { startMatch } from '../../../domain/arena/start.ts';
import { SEED, seatsOf, sha256 } from './world.ts';

describe('start', () => {
  it.each([2, 3, 4, 5, 6])(
    'puts %i players on their spawns by seat, with full hp and nothing else',
    (count) => {
      const { players, tick, phase, drops } = startMatch(SEED, standard, seatsOf(count, 7), sha256);
      expect(players.map(({ at }) => at)).toEqual(spawns.get(count));
      expect(players.map(({ seat, playerId }) => [seat, playerId])).toEqual(
        seatsOf(count).map((s, i) => [i, s.playerId]),
      );
      for (const { alive, hp, shield, score, resources, weaponBonus, attackCount } of players) {
        expect([alive, hp, shield, score, resources, weaponBonus, attackCount]).toEqual([
          true,
          100,
          0,
          0,
          0,
          7,
          0,
        ]);
      }
      expect({ tick, phase, drops }).toEqual({ tick: 0, phase: { status: 'active' }, drops: [] });
    },
  );

  it('rolls every node to 50–150 units, both ends included', () => {
    const rolls = new Set<number>();
    for (let i = 0; i < 400; i++) {
      const { nodes } = startMatch(i.toString(16).padStart(64, '0'), standard, seatsOf(2), sha256);
      expect(nodes.map(({ at }) => at)).toEqual(nodeTiles);
      for (const { resources } of nodes) rolls.add(resources);
    }
    expect([...rolls].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 101 }, (_, i) => 50 + i));
  });

  it('refuses one player, seven, a seat taken twice and a bonus out of range', () => {
    const begin = (seats: Parameters<typeof startMatch>[2]) => () =>
      startMatch(SEED, standard, seats, sha256);
    expect(begin(seatsOf(1))).toThrow(RangeError);
    expect(begin(seatsOf(7))).toThrow(RangeError);
    expect(begin([...seatsOf(1), ...seatsOf(1)])).toThrow(RangeError);
    fc.assert(
      fc.property(fc.oneof(fc.integer({ max: -1 }), fc.integer({ min: 21 }), fc.constant(1.5)), (bonus) => {
        expect(begin(seatsOf(2, bonus))).toThrow(RangeError);
      }),
      { numRuns: 20 },
    );
  });

  it('lasts five minutes at most as standard, fifteen seconds as a short match', () => {
    expect(standard.tickMs * standard.maxTicks).toBe(300_000);
    expect(standard.lobbyMs).toBe(30_000);
    expect(shortMatch.tickMs * shortMatch.maxTicks).toBe(15_000);
    expect(Object.keys(presets)).toEqual(['standard', 'shortMatch']);
  });
});
