const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An ISO time with its zone, `now`, or so long ago: `-90s`, `-30m`, `-1h`, `-2d`. */
export function parseTime(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs;
  const [, count, unit] = /^-(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (unitsMs[unit] ?? 0);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** `0=15,1=9`: partitions and offsets. */
export function parseOffsets(text: string): Record<string, string> | undefined {
  const parts = text.split(',').map((part) => /^(\d{1,6})=(\d{1,18})$/.exec(part.trim()));
  const offsets: Record<string, string> = {};
  for (const part of parts) {
    const [, partition, offset] = part ?? [];
    if (partition === undefined || offset === undefined) return undefined;
    offsets[partition] = offset;
  }
  return offsets;
}
