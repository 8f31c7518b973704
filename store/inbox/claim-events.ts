import type { Tx } from '../db.ts';

export type ClaimedEvent = { source: string; id: string };

/**
 * Claims events for a group in the handler's own transaction, and answers which of them (by place in the list) are its to
 * handle: those nobody has handled, each once. While another transaction has claimed one, this waits for that one's end.
 *
 * Rows are written in one order everywhere, so that two members that meet over the same events while a partition changes
 * hands do not deadlock. The statement answers those it did not write: usually none, whereas naming 500 that it wrote
 * costs as much as writing some.
 */
export async function claimEvents(
  tx: Tx,
  group: string,
  events: readonly ClaimedEvent[],
): Promise<Set<number>> {
  const places = new Map<string, number>();
  for (const [place, { source, id }] of events.entries()) {
    const name = `${id}\n${source}`;
    if (!places.has(name)) places.set(name, place);
  }
  const claimed = new Set(places.values());
  const wanted = [...claimed];
  const { rows } = await tx.query<{ nth: bigint }>({
    name: 'claim_inbox_events',
    text: `WITH wanted AS MATERIALIZED (
         SELECT * FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w(source, id, nth)),
       claimed AS (
         INSERT INTO inbox (consumer_group, source, id)
         SELECT $1, source, id FROM wanted ORDER BY id, source
         ON CONFLICT DO NOTHING RETURNING source, id)
       SELECT nth FROM wanted w
       WHERE NOT EXISTS (SELECT FROM claimed c WHERE c.id = w.id AND c.source = w.source)`,
    values: [group, wanted.map((place) => events[place]?.source), wanted.map((place) => events[place]?.id)],
  });
  for (const { nth } of rows) {
    const place = wanted[Number(nth) - 1];
    if (place !== undefined) claimed.delete(place);
  }
  return claimed;
}
