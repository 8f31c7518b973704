import type { Queryable } from '../db.ts';

export type OutboxLevel = { rowCount: number; oldestAgeMs: number };

/** Beyond this the exact number says nothing more, and counting would be the load. */
const countLimit = 100_000;

/** How much waits for Kafka and since when. */
export async function readOutboxLevel(db: Queryable): Promise<OutboxLevel> {
  const { rows } = await db.query<{ count: number; age: number | null }>({
    name: 'read_outbox_level',
    text: `
      SELECT
        (SELECT count(*)::int FROM (SELECT 1 FROM outbox LIMIT $1) AS counted) AS count,
        (SELECT extract(epoch FROM clock_timestamp() - min(first.created_at))::float8 * 1000
         FROM outbox_shards s
         CROSS JOIN LATERAL (SELECT created_at FROM outbox o WHERE o.shard = s.shard ORDER BY seq LIMIT 1) AS first) AS age`,
    values: [countLimit],
  });
  const level = rows[0];
  return {
    rowCount: level?.count ?? 0,
    oldestAgeMs: Math.max(0, level?.age ?? 0),
  };
}
