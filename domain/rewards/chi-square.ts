/** One kind of outcome: how often it was seen and how probable it is. Probabilities of all bins add up to 1. */
export type Bin = { observed: number; probability: number };
export type Fit = { statistic: number; degreesOfFreedom: number; pValue: number; sampleCount: number };

/**
 * How well counts fit probabilities, by Pearson's chi-square. The distribution it is compared with is that of many
 * observations, so bins that expect fewer than `expectedMin` are merged, the smallest first. Null when that leaves nothing
 * to compare.
 */
export function fitOf(bins: readonly Bin[], expectedMin: number): Fit | null {
  const sampleCount = bins.reduce((sum, { observed }) => sum + observed, 0);
  const merged = mergeSmall(bins, sampleCount, expectedMin);
  if (merged.length < 2) return null;
  const statistic = merged.reduce((sum, { observed, probability }) => {
    const expected = probability * sampleCount;
    return sum + (observed - expected) ** 2 / expected;
  }, 0);
  const degreesOfFreedom = merged.length - 1;
  return { statistic, degreesOfFreedom, pValue: chiSquareTail(statistic, degreesOfFreedom), sampleCount };
}

function mergeSmall(bins: readonly Bin[], sampleCount: number, expectedMin: number): Bin[] {
  const sorted = [...bins].toSorted((a, b) => a.probability - b.probability);
  const merged: Bin[] = [];
  let open: Bin = { observed: 0, probability: 0 };
  for (const { observed, probability } of sorted) {
    open = { observed: open.observed + observed, probability: open.probability + probability };
    if (open.probability * sampleCount < expectedMin) continue;
    merged.push(open);
    open = { observed: 0, probability: 0 };
  }
  // what is left over at the end would be too small alone
  const last = merged.pop();
  if (last)
    merged.push({
      observed: last.observed + open.observed,
      probability: last.probability + open.probability,
    });
  return merged;
}

/** The probability that chance alone gives a statistic this large or larger. */
export function chiSquareTail(statistic: number, degreesOfFreedom: number): number {
  if (statistic <= 0) return 1;
  const [shape, at] = [degreesOfFreedom / 2, statistic / 2];
  const scale = Math.exp(shape * Math.log(at) - at - logGamma(shape));
  return at < shape + 1 ? 1 - scale * lowerSeries(shape, at) : scale * upperFraction(shape, at);
}

const iterationCountMax = 10_000;
const precision = 1e-15;

/** The lower incomplete gamma function by its power series, which is quick left of the mean. */
function lowerSeries(shape: number, at: number): number {
  let [term, sum] = [1 / shape, 1 / shape];
  for (let n = 1; n < iterationCountMax && term > sum * precision; n++) {
    term *= at / (shape + n);
    sum += term;
  }
  return sum;
}

/** The upper one by its continued fraction (Lentz's method), which is quick right of the mean. */
function upperFraction(shape: number, at: number): number {
  const tiny = 1e-300;
  let b = at + 1 - shape;
  let c = 1 / tiny;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < iterationCountMax; n++) {
    const a = -n * (n - shape);
    b += 2;
    d = 1 / nonZero(a * d + b, tiny);
    c = nonZero(b + a / c, tiny);
    product *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return product;
}

const nonZero = (value: number, tiny: number): number => (Math.abs(value) < tiny ? tiny : value);

/** Of whole and half numbers, which is all that degrees of freedom need: down to Γ(1) = 1 and Γ(½) = √π. */
function logGamma(shape: number): number {
  let sum = Number.isInteger(shape) ? 0 : Math.log(Math.PI) / 2;
  for (let at = shape - 1; at > 0; at--) sum += Math.log(at);
  return sum;
}
