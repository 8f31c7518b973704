import type { Queryable } from '../db.ts';

export type StreamedEvent = { seq: bigint; event: string; type: string };

/** What a private stream tells after `afterSeq`, in order. */
export async function readStream(
  db: Queryable,
  subscriptionId: string,
  afterSeq: bigint,
  countMax: number,
): Promise<StreamedEvent[]> {
  const { rows } = await db.query<StreamedEvent>({
    name: 'read_subscription_stream',
    text: `SELECT seq, event, type FROM subscription_events
           WHERE subscription_id = $1 AND seq > $2 AND event IS NOT NULL ORDER BY seq LIMIT $3`,
    values: [subscriptionId, afterSeq, countMax],
  });
  return rows;
}

export async function lastSeqOf(db: Queryable, subscriptionId: string): Promise<bigint> {
  const { rows } = await db.query<{ seq: bigint }>(
    'SELECT last_seq AS seq FROM subscription_progress WHERE subscription_id = $1',
    [subscriptionId],
  );
  return rows[0]?.seq ?? 0n;
}
