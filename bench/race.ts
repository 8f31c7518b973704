import { processCpu } from './cpu.ts';
import type { Measured, Timed } from './loops.ts';
import { medianOf, round as rounded } from './report.ts';

/** One way to do a thing, on tables of its own. */
export type Contestant = {
  name: string;
  /** A second or more at a fixed number of clients, each with one request in flight; next to none when asked for 0 seconds. */
  measure(seconds: number): Promise<Timed>;
  /** Requests due at a steady rate, timed from when they were due. */
  pace(perSecond: number, seconds: number): Promise<Timed>;
  /** CPU time so far of what sends the requests; the server's is added. */
  clientCpuMs(): number;
  /** After all rounds: did everything acknowledged happen, once, and do the sums agree? */
  isValid(): Promise<boolean>;
};

export const ownCpuMs = (): number => processCpu().ownMs;

/** `rounds[n][i]` is what contestant `i` showed in round `n`. */
export type Race = { names: string[]; rounds: Measured[][]; valid: boolean };
export type RaceSize = { rounds: number; seconds: number };

/** Every other round runs backwards, so A B B A: drift of the machine favours nobody. */
export async function race(
  contestants: readonly Contestant[],
  { rounds: count, seconds }: RaceSize,
  serverCpuMs: () => number,
  run = (contestant: Contestant): Promise<Timed> => contestant.measure(seconds),
): Promise<Race> {
  const cpuOf = async (contestant: Contestant, work: () => Promise<Timed>) => {
    const before = serverCpuMs() + contestant.clientCpuMs();
    const timed = await work();
    return { timed, spentMs: serverCpuMs() + contestant.clientCpuMs() - before };
  };
  const starts: Awaited<ReturnType<typeof cpuOf>>[] = [];
  for (const contestant of contestants) {
    await contestant.measure(seconds);
    // what it costs to begin (connections, above all) is no part of a request's cost
    starts.push(await cpuOf(contestant, () => contestant.measure(0)));
  }
  const rounds: Measured[][] = [];
  const order = [...contestants.keys()];
  for (let n = 0; n < count; n++) {
    const round: Measured[] = [];
    for (const i of n % 2 === 0 ? order : order.toReversed()) {
      const [contestant, start] = [contestants[i], starts[i]];
      if (!contestant || !start) continue;
      const { timed, spentMs } = await cpuOf(contestant, () => run(contestant));
      const requests = timed.count - start.timed.count;
      round[i] = { ...timed, cpuMs: requests > 0 ? (spentMs - start.spentMs) / requests : Number.NaN };
    }
    rounds.push(round);
  }
  const valid = await Promise.all(contestants.map((contestant) => contestant.isValid()));
  return { names: contestants.map(({ name }) => name), rounds, valid: valid.every(Boolean) };
}

/** One figure of one contestant, round by round. */
export const seriesOf = (rounds: readonly Measured[][], i: number, figure: keyof Measured): number[] =>
  rounds.map((round) => round[i]?.[figure] ?? Number.NaN);

export const ratiosOf = (above: readonly number[], below: readonly number[]): number[] =>
  above.map((value, n) => value / (below[n] ?? Number.NaN));

/** Absolute figures, for orientation. */
export function figuresOf(
  what: string,
  names: readonly string[],
  rounds: Race['rounds'],
): Record<string, number> {
  const figures = names.flatMap((name, i) =>
    (['perSecond', 'p50Ms', 'p99Ms', 'cpuMs'] as const).map(
      (figure) => [`${what}, ${name}: ${figure}`, rounded(medianOf(seriesOf(rounds, i, figure)))] as const,
    ),
  );
  // too short a run, or a server elsewhere, has no CPU figure
  return Object.fromEntries(figures.filter(([, value]) => Number.isFinite(value)));
}
