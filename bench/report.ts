import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';

/** One comparison: `ratio` is ours divided by the peer's, over the rounds of one run. */
export type Row = {
  metric: string;
  peer: string;
  ratioMedian: number;
  ratioMin: number;
  ratioMax: number;
  goal: string;
  met: boolean;
};

export type Report = {
  bench: string;
  commit: string;
  at: string;
  versions: Record<string, string>;
  /** Whether the run's own checks held: sums, nothing lost or twice. Without it the figures do not count. */
  valid: boolean;
  rows: Row[];
  /** Absolute figures of this machine, for orientation: they drift, ratios do not. */
  figures: Record<string, number>;
};

type Goal = { atMost: number } | { atLeast: number };

/** Judged by its worse bound: a goal is met when every round met it. */
export function rowOf(metric: string, peer: string, ratios: readonly number[], goal: Goal): Row {
  const sorted = ratios.toSorted((a, b) => a - b);
  const ratioMin = round(sorted[0] ?? Number.NaN);
  const ratioMax = round(sorted.at(-1) ?? Number.NaN);
  const isUpper = 'atMost' in goal;
  return {
    metric,
    peer,
    ratioMedian: round(medianOf(sorted)),
    ratioMin,
    ratioMax,
    goal: isUpper ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`,
    met: isUpper ? ratioMax <= goal.atMost : ratioMin >= goal.atLeast,
  };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Completes the report and, unless told otherwise, keeps it as `bench/results/<bench>.json`. */
export async function keepReport(
  report: Pick<Report, 'bench' | 'valid' | 'rows' | 'figures'>,
  { keep = true }: { keep?: boolean } = {},
): Promise<Report> {
  const whole: Report = {
    bench: report.bench,
    commit: execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
    at: new Date().toISOString(),
    versions: await versions(),
    valid: report.valid,
    rows: report.rows,
    figures: report.figures,
  };
  if (!keep) return whole;
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${report.bench}.json`, folder), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

async function versions(): Promise<Record<string, string>> {
  const file = new URL('../package.json', import.meta.url);
  const { dependencies } = JSON.parse(await readFile(file, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return {
    node: process.versions.node,
    temporal: dependencies['@temporalio/worker'] ?? '',
    pg: dependencies['pg'] ?? '',
  };
}
