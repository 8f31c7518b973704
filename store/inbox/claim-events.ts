import type { Tx } from '../db.ts';
import { repeatedTextArray, textArray } from '../pg-array.ts';

type ClaimedEvent = { source: string; id: string };

/**
 * Claims events for a group in the handler's own transaction, and answers which of them (by place in the list) are its to
 * handle: those nobody has handled, each once. While another transaction has claimed one, this waits for that one's end.
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
  const claimed = new Set(firstPlaces(events));
  const wanted = [...claimed].map((place) => ({ place, event: events[place] as ClaimedEvent }));
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
      repeatedTextArray(wanted.map(({ event }) => event.source)),
      textArray(wanted.map(({ event }) => event.id)),
    ],
  });
  for (const { nth } of rows) claimed.delete(wanted[Number(nth) - 1]?.place ?? -1);
  return claimed;
}

/** The same event may stand in the list twice. */
function firstPlaces(events: readonly ClaimedEvent[]): Iterable<number> {
  const places = new Map<string, number>();
  for (const [place, { source, id }] of events.entries()) {
    const name = `${id} ${source}`;
    if (!places.has(name)) places.set(name, place);
  }
  return places.values();
}
