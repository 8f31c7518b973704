/** One clock for all matches of a host: their ticks are resolved together and committed in one transaction. */
export type TickScheduler = { stop(): Promise<void> };

/** Behind by more than this, the time is given up: a burst of ticks would be no game. */
const catchUpTicksMax = 3;

/**
 * Calls `step` with the moment it was due, every `tickMs`, without drift: a late step does not delay the ones after it.
 * Steps never overlap; one that waits for the database makes the next ones wait.
 */
export function startTicks(tickMs: number, step: (dueMs: number) => Promise<void>): TickScheduler {
  let isStopped = false;
  let dueMs = performance.now() + tickMs;
  let wake: (() => void) | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });

  async function run(): Promise<void> {
    while (!isStopped) {
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await pause(waitMs);
      if (isStopped) return;
      await step(dueMs);
      const nowMs = performance.now();
      dueMs += tickMs;
      if (nowMs - dueMs > catchUpTicksMax * tickMs) dueMs = nowMs;
    }
  }

  const finished = run();
  return {
    stop() {
      isStopped = true;
      wake?.();
      return finished;
    },
  };
}
