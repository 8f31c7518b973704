import type { Queryable } from '../db.ts';

export type PublishedRow = { seq: bigint; partition: number; offset: bigint };

/**
 * Exactly the acknowledged rows leave the outbox and become one metadata row each in `event_log`. Rows that another
 * owner of the shard already moved are not there any more. The list is joined, not searched: `IN (subselect)` stalls.
 */
export async function markPublished(
  db: Queryable,
  shard: number,
  published: readonly PublishedRow[],
): Promise<void> {
  await db.query({
    name: 'mark_outbox_published',
    text: `
      WITH acknowledged AS MATERIALIZED (
        SELECT * FROM unnest($2::bigint[], $3::int[], $4::bigint[]) AS a(seq, "partition", "offset")
      ), gone AS (
        DELETE FROM outbox o USING acknowledged a WHERE o.shard = $1 AND o.seq = a.seq
        RETURNING o.id, o.topic, o.type, o.key, a."partition", a."offset", o.created_at
      )
      INSERT INTO event_log (id, topic, type, key, "partition", "offset", created_at) SELECT * FROM gone`,
    values: [
      shard,
      published.map(({ seq }) => seq),
      published.map(({ partition }) => partition),
      published.map(({ offset }) => offset),
    ],
  });
}
