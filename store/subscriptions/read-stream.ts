import type { Queryable } from '../db.ts';

export type StreamedEvent = { seq: bigint; event: string; type: string; topic: string | null };

/** What a private stream tells after `afterSeq`, in order: no more than so many bytes, or one event. */
export async function readStream(
  db: Queryable,
  subscriptionId: string,
  afterSeq: bigint,
  { countMax, bytesMax }: { countMax: number; bytesMax: number },
): Promise<StreamedEvent[]> {
  // lengths are known without the values: only what is answered is read
  const { rows } = await db.query<StreamedEvent>({
    name: 'read_subscription_stream',
    text: `SELECT seq, event, type, topic FROM (
             SELECT seq, event, type, topic, row_number() OVER (ORDER BY seq) AS place,
               sum(octet_length(event)) OVER (ORDER BY seq) AS bytes
             FROM subscription_events
             WHERE subscription_id = $1 AND seq > $2 AND event IS NOT NULL ORDER BY seq LIMIT $3
           ) AS next WHERE place = 1 OR bytes <= $4 ORDER BY seq`,
    values: [subscriptionId, afterSeq, countMax, bytesMax],
  });
  return rows;
}

/** Patterns; what both allow is told. */
export type StreamPermission = { ofKey: string[]; ofClient: string[] };

/** What may be told to who opened a stream with a key; undefined when that or the subscription has ended. */
export async function readStreamPermission(
  db: Queryable,
  { subscriptionId, keyId }: { subscriptionId: string; keyId: string },
): Promise<StreamPermission | undefined> {
  const { rows } = await db.query<StreamPermission>(
    `SELECT key.read_topics AS "ofKey", ARRAY(
       SELECT DISTINCT unnest(own.read_topics) FROM api_keys AS own
       WHERE own.client_id = subscriptions.client_id AND own.revoked_at IS NULL
     ) AS "ofClient"
     FROM subscriptions CROSS JOIN api_keys AS key
     WHERE subscriptions.id = $1 AND deleted_at IS NULL AND key.id = $2 AND key.revoked_at IS NULL`,
    [subscriptionId, keyId],
  );
  const permission = rows[0];
  if (permission === undefined || permission.ofKey.length === 0 || permission.ofClient.length === 0)
    return undefined;
  return permission;
}

export async function lastSeqOf(db: Queryable, subscriptionId: string): Promise<bigint> {
  const { rows } = await db.query<{ seq: bigint }>(
    'SELECT last_seq AS seq FROM subscription_progress WHERE subscription_id = $1',
    [subscriptionId],
  );
  return rows[0]?.seq ?? 0n;
}
