import type { ReplayState } from './types.ts';

export type ReplayProgress = {
  /** Of the window's offsets, rounded down: 100 is said at the end alone. */
  percent: number;
  /** Offsets read per second while it ran; null while nobody can say. */
  eventsPerSecond: number | null;
  /** At that pace, without pauses; null while nobody can say. */
  etaSeconds: number | null;
};

/** How far a replay is, and how long the rest takes. */
export function progressOf({
  state,
  totalCount,
  doneCount,
  activeMs,
}: {
  state: ReplayState;
  totalCount: number;
  doneCount: number;
  activeMs: number;
}): ReplayProgress {
  if (state === 'pinning') return { percent: 0, eventsPerSecond: null, etaSeconds: null };
  const percent = totalCount === 0 ? 100 : Math.floor((doneCount / totalCount) * 100);
  if (doneCount === 0 || activeMs <= 0)
    return { percent, eventsPerSecond: null, etaSeconds: totalCount === doneCount ? 0 : null };
  const perMs = doneCount / activeMs;
  return {
    percent,
    eventsPerSecond: Math.round(perMs * 1_000),
    etaSeconds: Math.ceil((totalCount - doneCount) / perMs / 1_000),
  };
}
