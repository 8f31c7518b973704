import { sleep } from './patience.ts';

/** Spreads events evenly: work is due when what was let through before it has had its share of the time. */
export type Pace = {
  /** How many at once keep the pace smooth. */
  readonly countMax: number;
  /** Waits until so many are due, or the signal fires. */
  due(count: number): Promise<void>;
};

const stepsPerSecond = 10;

export function createPace(perSecond: number | null, signal: AbortSignal): Pace {
  if (perSecond === null) return { countMax: Infinity, due: () => Promise.resolve() };
  let freeAtMs = 0;
  return {
    countMax: Math.max(1, Math.floor(perSecond / stepsPerSecond)),
    async due(count) {
      const nowMs = performance.now();
      const startsAtMs = Math.max(nowMs, freeAtMs);
      freeAtMs = startsAtMs + (count * 1_000) / perSecond;
      await sleep(startsAtMs - nowMs, signal);
    },
  };
}
