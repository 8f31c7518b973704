import { entryName } from '../economy/drops.ts';
import type { DropEntry } from '../economy/types.ts';
import { fitOf } from './chi-square.ts';
import type { Fit } from './chi-square.ts';
import { weightsOfVariant } from './weights.ts';

/** What was drawn of one version of a table under one set of odds. */
export type Observed = {
  table: string;
  version: number;
  variant: string;
  entries: readonly DropEntry[];
  /** By entry name; also of entries that the table does not have. */
  counts: { readonly [entry: string]: number };
};
export type Verdict = {
  conforms: boolean;
  sampleCount: number;
  /** Null while there is too little to compare. */
  fit: Fit | null;
  /** At least how unlikely chance alone makes it, at any time it may be looked at; logarithm to base 10. */
  evidenceLog10: number;
};

/** The probability that a set of fair tables ever raises an alarm, however often and for how long it is checked. */
export const falseAlarmRate = 1e-4;
/** Bins that expect fewer are merged for the chi-square. */
const expectedMin = 5;

/**
 * Whether what was drawn agrees with what was published, each of `tableCount` tables having its share of the false alarms
 * (Bonferroni). Two tests must both say no. The chi-square says how far off the counts are, but its tail is only nearly right
 * and wrong by orders of magnitude at the rates that alarms need, the more so when it is asked every hour. So an exact bound
 * stands beside it: the odds of the counts under any other probabilities, mixed evenly, against the published ones. Under the
 * published odds that ratio is a fair game, and a fair game that begins with 1 ever reaches 1/α with probability α at most
 * (Ville's inequality).
 */
export function conformanceOf(observed: Observed, tableCount: number): Verdict {
  const bins = binsOf(observed);
  const known = new Set(observed.entries.map(entryName));
  const hasForeign = Object.entries(observed.counts).some(([entry, count]) => count > 0 && !known.has(entry));
  const sampleCount = Object.values(observed.counts).reduce((sum, count) => sum + count, 0);
  const rate = falseAlarmRate / tableCount;
  const fit = fitOf(bins, expectedMin);
  const evidence = hasForeign ? Infinity : logEvidence(bins);
  const isOff = fit === null || fit.pValue <= rate;
  return {
    conforms: !(hasForeign || (isOff && evidence >= -Math.log(rate))),
    sampleCount,
    fit,
    evidenceLog10: Math.min(evidence / Math.LN10, Number.MAX_SAFE_INTEGER),
  };
}

function binsOf({ entries, variant, counts }: Observed) {
  const weights = weightsOfVariant({ entries }, variant);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return entries.map((entry, i) => ({
    observed: counts[entryName(entry)] ?? 0,
    probability: (weights[i] ?? 0) / total,
  }));
}

/** ln of ∫ ∏ qᵢ^cᵢ dq (uniform over all q) ÷ ∏ pᵢ^cᵢ. */
function logEvidence(bins: ReturnType<typeof binsOf>): number {
  const count = bins.reduce((sum, { observed }) => sum + observed, 0);
  const mixture = bins.reduce(
    (sum, { observed }) => sum + logFactorial(observed),
    logFactorial(bins.length - 1) - logFactorial(count + bins.length - 1),
  );
  return bins.reduce(
    (sum, { observed, probability }) => sum - (observed === 0 ? 0 : observed * Math.log(probability)),
    mixture,
  );
}

/** Exact sums for small numbers, Stirling's series for the rest: its next term is below 10⁻¹² there. */
function logFactorial(n: number): number {
  if (n < 64) {
    let sum = 0;
    for (let i = 2; i <= n; i++) sum += Math.log(i);
    return sum;
  }
  return (n + 0.5) * Math.log(n) - n + Math.log(2 * Math.PI) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}
