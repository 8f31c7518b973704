import type { Queryable } from '../db.ts';

/** What a subscriber's queue holds at most; then it reads no further until half of it is delivered. Kafka keeps the rest. */
export const waitingCountMax = 10_000;
/** The same in bytes: events may be large. */
export const waitingBytesMax = 67_108_864;

/**
 * SQL: one row of what waits for the subscription, as `isFull` and `isHalfFull`. It looks at no more rows than make it full;
 * lengths are known without reading what is stored apart.
 */
export const fillOf = (subscriptionId: string): string => `
  SELECT count(*) > ${waitingCountMax} OR sum(bytes) > ${waitingBytesMax} AS "isFull",
    count(*) > ${waitingCountMax / 2} OR sum(bytes) > ${waitingBytesMax / 2} AS "isHalfFull"
  FROM (
    SELECT coalesce(octet_length(event), 0) + coalesce(octet_length(record_value), 0) AS bytes
    FROM subscription_events WHERE subscription_id = ${subscriptionId} AND state = 'waiting'
    LIMIT ${waitingCountMax + 1}) AS waiting`;

export async function isQueueFull(db: Queryable, subscriptionId: string): Promise<boolean> {
  const { rows } = await db.query<{ isFull: boolean | null }>({
    name: 'is_subscription_queue_full',
    text: fillOf('$1'),
    values: [subscriptionId],
  });
  return rows[0]?.isFull === true;
}
