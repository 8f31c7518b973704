import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prizeOf, prizePlaces, splitPot } from '../../../domain/rewards/prizes.ts';
import { multiplied, streakQuarters } from '../../../domain/rewards/streaks.ts';

const podium = [50, 30, 15, 5];
const pots = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const sum = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n);

test.each([
  [1_000n, 4, [500n, 300n, 150n, 50n]],
  [1_000n, 9, [500n, 300n, 150n, 50n]],
  // 1,001 × 50/80 and 30/80, and the unit left over
  [1_001n, 2, [626n, 375n]],
  [7n, 4, [4n, 2n, 1n, 0n]],
  [7n, 1, [7n]],
])('a pot of %i among %i', (pot, playerCount, shares) =>
  expect(splitPot(pot, podium, playerCount)).toEqual(shares),
);

test('those who tie share what their places hold, and the first of them takes the last unit', () => {
  const prizes = prizePlaces('cup', [1, 2, 2, 4]).map((place) => prizeOf(1_001n, podium, place));
  // 501 · 300 + 150 = 450 · 50
  expect(prizes).toEqual([501n, 225n, 225n, 50n]);
  expect(prizePlaces('cup', [3, 3, 3]).map((place) => prizeOf(100n, podium, place))).toEqual([34n, 33n, 33n]);
});

test('no unit is lost or invented, whoever ties', () => {
  fc.assert(
    fc.property(
      pots,
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
      (pot, placements) => {
        const places = prizePlaces('cup', placements);
        const prizes = places.map((place) => prizeOf(pot, podium, place));
        expect(sum(prizes)).toBe(pot);
        for (const [i, own] of placements.entries())
          for (const [j, other] of placements.entries())
            if (own < other) expect(prizes[i]! >= prizes[j]!).toBe(true);
      },
    ),
  );
});

test('a streak never pays a fraction, and never less than nothing extra', () => {
  const tiers = [0, 7, 14, 30].map((days, i) => ({ days, quarters: [4, 5, 6, 8][i]! }));
  fc.assert(
    fc.property(pots, fc.nat(100), (amount, days) => {
      const quarters = streakQuarters({ assets: ['gold'], tiers }, days);
      const paid = multiplied(amount, quarters);
      expect(paid * 4n <= amount * BigInt(quarters) && (paid + 1n) * 4n > amount * BigInt(quarters)).toBe(
        true,
      );
      expect(paid >= amount).toBe(true);
    }),
  );
});
