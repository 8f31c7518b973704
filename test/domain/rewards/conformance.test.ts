import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { drawBelow } from '../../../domain/arena/random.ts';
import type { DropEntry } from '../../../domain/economy/types.ts';
import { chiSquareTail, fitOf } from '../../../domain/rewards/chi-square.ts';
import { conformanceOf } from '../../../domain/rewards/conformance.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const seed = 'a5'.repeat(32);
const entries: DropEntry[] = [
  { kind: 'iron_sword', weight: 60 },
  { kind: 'steel_sword', weight: 30 },
  { kind: 'rare_sword', weight: 10, modifier: 'luck' },
];
const observed = (counts: Record<string, number>, variant = '') => ({
  table: 'match.winner',
  version: 1,
  variant,
  entries,
  counts,
});

/** Draws with these weights from one stream. */
function drawn(weights: readonly number[], count: number, label: string): Record<string, number> {
  const bound = weights.reduce((a, b) => a + b, 0);
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const roll = drawBelow(seed, label, i, bound, hash);
    const at = weights.findIndex((_, k) => roll < weights.slice(0, k + 1).reduce((a, b) => a + b, 0));
    counts[entries[at]!.kind!] = (counts[entries[at]!.kind!] ?? 0) + 1;
  }
  return counts;
}

describe('the chi-square', () => {
  // critical values as every statistics book prints them
  test.each([
    [3.841, 1, 0.05],
    [6.635, 1, 0.01],
    [10.828, 1, 0.001],
    [5.991, 2, 0.05],
    [18.307, 10, 0.05],
    [29.588, 10, 0.001],
    [124.342, 100, 0.05],
    [0.004, 1, 0.95],
    [3.94, 10, 0.95],
  ])('%d with %i degrees of freedom leaves %d in the tail', (statistic, df, tail) =>
    expect(chiSquareTail(statistic, df) / tail).toBeCloseTo(1, 2),
  );

  test('of even degrees of freedom is a finite sum, which it equals to ten digits', () => {
    for (const df of [2, 4, 10, 40])
      for (const at of [0.1, 1, df / 2, df, 3 * df]) {
        let [term, sum] = [Math.exp(-at), 0];
        for (let i = 0; i < df / 2; i++) {
          sum += term;
          term *= at / (i + 1);
        }
        expect(chiSquareTail(2 * at, df) / sum).toBeCloseTo(1, 10);
      }
  });

  test('of Mendel’s peas: 315, 101, 108 and 32 against 9 : 3 : 3 : 1', () => {
    const bins = [315, 101, 108, 32].map((count, i) => ({
      observed: count,
      probability: [9, 3, 3, 1][i]! / 16,
    }));
    const fit = fitOf(bins, 5)!;
    expect(fit.statistic).toBeCloseTo(0.47, 2);
    expect(fit).toMatchObject({ degreesOfFreedom: 3, sampleCount: 556 });
    expect(fit.pValue).toBeCloseTo(0.925, 3);
  });

  test('merges what is too rare to compare, the rarest first', () => {
    const bins = [90, 4, 4, 2].map((count) => ({ observed: count, probability: count / 100 }));
    expect(fitOf(bins, 5)).toMatchObject({ degreesOfFreedom: 1, statistic: 0 });
    expect(
      fitOf(
        bins.map((bin) => ({ ...bin, observed: bin.observed && 1 })),
        5,
      ),
    ).toBeNull();
  });
});

describe('draws', () => {
  test('as published pass, however often one looks', () => {
    for (let stream = 0; stream < 20; stream++)
      for (const count of [10, 100, 1_000])
        expect(conformanceOf(observed(drawn([60, 30, 10], count, `fair/${stream}`)), 3).conforms).toBe(true);
  });

  test('with other odds are found, within some hundreds of them', () => {
    for (const [weights, count] of [
      [[50, 30, 20], 1_000],
      [[60, 40, 0], 300],
      [[34, 33, 33], 300],
    ] as const) {
      const verdict = conformanceOf(observed(drawn(weights, count, 'biased')), 3);
      expect(verdict).toMatchObject({ conforms: false, sampleCount: count });
      expect(verdict.evidenceLog10).toBeGreaterThan(4);
    }
  });

  test('are compared with the odds that applied: under luck the published ones would not fit', () => {
    const lucky = drawn([6_000, 3_000, 3_000], 1_500, 'lucky');
    expect(conformanceOf(observed(lucky, 'luck=300'), 1).conforms).toBe(true);
    expect(conformanceOf(observed(lucky), 1).conforms).toBe(false);
  });

  test('of what the table does not have are found at once', () => {
    expect(conformanceOf(observed({ iron_sword: 6, gold_sword: 1 }), 1).conforms).toBe(false);
  });

  test('raise no false alarm in thousands of fair runs of the same length', () => {
    let alarms = 0;
    for (let run = 0; run < 1_500; run++)
      if (!conformanceOf(observed(drawn([60, 30, 10], 60, `run/${run}`)), 1).conforms) alarms++;
    expect(alarms).toBeLessThanOrEqual(1);
  });
});
