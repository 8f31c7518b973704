/** RFC 7240: how long a caller is willing to wait for a story, `Prefer: wait=n` or `Prefer: respond-async`. */
export type Preference = { waitMs: number; stated: boolean };

/** What fits between a client's patience and ours. */
const waitSecondsMax = 10;
/** Without a preference a story that is over at once is answered; one that waits is not waited for. */
const waitMsDefault = 5_000;

export function parsePrefer(header: string | null): Preference {
  const parts = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim());
  if (parts.includes('respond-async')) return { waitMs: 0, stated: true };
  for (const part of parts) {
    const match = /^wait\s*=\s*(\d{1,4})$/.exec(part);
    if (match) return { waitMs: Math.min(Number(match[1]), waitSecondsMax) * 1_000, stated: true };
  }
  return { waitMs: waitMsDefault, stated: false };
}
