/** What one run of a contestant showed; `cpuMs` is the server's and the client's CPU time per request. */
export type Measured = { count: number; perSecond: number; p50Ms: number; p99Ms: number; cpuMs: number };
export type Timed = Omit<Measured, 'cpuMs'>;

export function percentiles(latenciesMs: readonly number[], elapsedMs: number): Timed {
  const sorted = Float64Array.from(latenciesMs).toSorted();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const count = sorted.length;
  return { count, perSecond: (count * 1_000) / elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Closed loop: every client sends its next request when it has the answer to the last. Shows capacity. */
export async function closedLoop(
  clients: number,
  seconds: number,
  request: (client: number) => Promise<void>,
): Promise<Timed> {
  const latencies: number[] = [];
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  const client = async (_: unknown, n: number) => {
    while (performance.now() < endsAtMs) {
      const sentAtMs = performance.now();
      await request(n);
      latencies.push(performance.now() - sentAtMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return percentiles(latencies, performance.now() - startedAtMs);
}

/**
 * Open loop: requests are due at a steady rate whatever became of those before, and each is timed from when it was due: a
 * system that stalls cannot hide it by being asked less.
 */
export async function openLoop(
  perSecond: number,
  seconds: number,
  request: (n: number) => Promise<void>,
): Promise<Timed> {
  const latencies: number[] = [];
  const answers: Promise<void>[] = [];
  const total = Math.round(perSecond * seconds);
  const startedAtMs = performance.now();
  const send = async (n: number) => {
    const dueAtMs = startedAtMs + (n * 1_000) / perSecond;
    await request(n);
    latencies.push(performance.now() - dueAtMs);
  };
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000));
    while (sent < due) answers.push(send(sent++));
    await new Promise((resume) => setTimeout(resume, 1));
  }
  await Promise.all(answers);
  return percentiles(latencies, performance.now() - startedAtMs);
}
