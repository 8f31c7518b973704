import type { Queryable } from '../db.ts';

/** The event that a journal answers; its place is null while it waits for Kafka. */
export type CauseEvent = {
  id: string;
  type: string;
  topic: string;
  partition: number | null;
  offset: bigint | null;
  publishedAt: Date | null;
};

/** The announcement of a match's end, whose plans are what its rewards pay; null when it was forgotten since. */
export async function readMatchFinished(db: Queryable, matchId: string): Promise<CauseEvent | null> {
  const { rows } = await db.query<CauseEvent>(
    `SELECT id, type, topic, partition, "offset", published_at AS "publishedAt" FROM event_log
     WHERE type = 'game.match.finished.v1' AND key = $1
     UNION ALL
     SELECT id, type, topic, NULL, NULL, NULL FROM outbox
     WHERE shard = outbox_shard($1) AND type = 'game.match.finished.v1' AND key = $1 LIMIT 1`,
    [matchId],
  );
  return rows[0] ?? null;
}
