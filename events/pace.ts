import { sleep } from './patience.ts';

/** Spaces events evenly. */
export type Pace = {
  /** Resolves when the next event may be handled; at once when there is no limit, or when aborted. */
  next(): Promise<void>;
};

export function createPace(ratePerSecond: number | null, signal: AbortSignal): Pace {
  let nextAtMs = performance.now();
  return {
    async next() {
      if (ratePerSecond === null) return;
      const waitMs = nextAtMs - performance.now();
      nextAtMs = Math.max(nextAtMs, performance.now()) + 1_000 / ratePerSecond;
      if (waitMs > 0) await sleep(waitMs, signal);
    },
  };
}
