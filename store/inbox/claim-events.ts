import type { Tx } from '../db.ts';
import { repeatedTextArray, textArray } from '../pg-array.ts';

type ClaimedEvent = { source: string; id: string };

/**
 * Claims events for a group in the handler's own transaction, and answers which of them (by place in the list) are not its to
 * handle, because somebody has handled them or they stand in the list before. While another transaction has claimed one, this
 * waits for that one's end.
 *
 * Rows are written in one order everywhere, so that two members that meet over the same events while a partition changes
 * hands do not deadlock. The statement answers those it did not write: usually there are none, and then nothing is
 * compared either (the count is looked at first), which saves an eighth of the statement's time. Ids decide how many are
 * sent; a source that all share stands there once.
 */
export async function claimEvents(
  tx: Tx,
  group: string,
  events: readonly ClaimedEvent[],
): Promise<ReadonlySet<number>> {
  const repeated = repeatedPlaces(events);
  const wanted = repeated.size === 0 ? events : events.filter((_, place) => !repeated.has(place));
  const { rows } = await tx.query<{ nth: bigint }>({
    name: 'claim_inbox_events',
    text: `WITH wanted AS MATERIALIZED (
        SELECT coalesce(source, ($2::text[])[1]) AS source, id, nth
        FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w(source, id, nth)),
      claimed AS MATERIALIZED (
        INSERT INTO inbox (consumer_group, source, id)
        SELECT $1, source, id FROM wanted ORDER BY id, source
        ON CONFLICT DO NOTHING RETURNING source, id)
      SELECT nth FROM wanted w WHERE (SELECT count(*) FROM claimed) < cardinality($3::text[])
        AND NOT EXISTS (SELECT FROM claimed c WHERE c.id = w.id AND c.source = w.source)`,
    values: [
      group,
      repeatedTextArray(wanted.map(({ source }) => source)),
      textArray(wanted.map(({ id }) => id)),
    ],
  });
  if (rows.length === 0) return repeated;
  const handled = new Set(rows.map(({ nth }) => wanted[Number(nth) - 1]));
  for (const [place, event] of events.entries()) if (handled.has(event)) repeated.add(place);
  return repeated;
}

/** The same event may stand in the list twice. */
function repeatedPlaces(events: readonly ClaimedEvent[]): Set<number> {
  const repeated = new Set<number>();
  if (new Set(events.map(({ id }) => id)).size === events.length) return repeated;
  const seen = new Set<string>();
  for (const [place, { source, id }] of events.entries()) {
    const name = `${id} ${source}`;
    if (seen.has(name)) repeated.add(place);
    seen.add(name);
  }
  return repeated;
}
