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
  totalCount,
  doneCount,
  activeMs,
}: {
  totalCount: number;
  doneCount: number;
  activeMs: number;
}): ReplayProgress {
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
