import type { EventFilter } from '../../domain/event-filter.ts';
import type { Queryable, Tx } from '../db.ts';
import { fillOf } from './queue-limit.ts';
import type { SubscriptionMethod, SubscriptionState } from './types.ts';

type Place = { topic: string; partition: number };

/** A subscription as the dispatcher sees it. */
export type Dispatched = {
  subscriptionId: string;
  topicPattern: string;
  types: string[];
  filter: EventFilter;
  method: SubscriptionMethod;
  state: SubscriptionState;
  startsAt: Date;
  /** What any live key of its client may read. */
  readTopics: string[];
  /** See `queue-limit.ts`; a private stream is not full, it is trimmed. */
  isFull: boolean;
  isHalfFull: boolean;
};

export async function readDispatched(db: Queryable): Promise<Dispatched[]> {
  const { rows } = await db.query<Dispatched>({
    name: 'read_dispatched_subscriptions',
    text: `
      SELECT s.id AS "subscriptionId", s.topic_pattern AS "topicPattern", s.types, s.filter, s.method, s.state,
        s.starts_at AS "startsAt",
        ARRAY(SELECT DISTINCT unnest(k.read_topics) FROM api_keys k
              WHERE k.client_id = s.client_id AND k.revoked_at IS NULL) AS "readTopics",
        coalesce(q."isFull", false) AS "isFull", coalesce(q."isHalfFull", false) AS "isHalfFull"
      FROM subscriptions s CROSS JOIN LATERAL (${fillOf("CASE WHEN s.method <> 'sse' THEN s.id END")}) q
      WHERE s.deleted_at IS NULL`,
  });
  return rows;
}

/** The partition belongs to another process by now, which goes on from where this one had come to. */
export class LaneLost extends Error {
  override readonly name = 'LaneLost';
}

export type OpenedLane = {
  nextOffset: bigint;
  epoch: number;
  /** Which subscriptions it reads for from which offset on, and where others have read to. */
  partitions: { subscriptionId: string; nextOffset: bigint; followed: boolean }[];
};

/**
 * Takes a partition over. Where nobody is followed it begins at the end: there is nothing to look for. A position beyond the
 * end is that of a topic of the same name that was deleted.
 */
export async function openLanePosition(tx: Tx, place: Place, endOffset: bigint): Promise<OpenedLane> {
  const values = [place.topic, place.partition];
  const { rows: inserted } = await tx.query<{ nextOffset: bigint; epoch: number }>(
    `INSERT INTO dispatch_positions AS p (topic, partition, next_offset) VALUES ($1, $2, $3)
     ON CONFLICT (topic, partition) DO UPDATE SET epoch = p.epoch + 1
     RETURNING next_offset AS "nextOffset", epoch`,
    [...values, endOffset],
  );
  const row = inserted[0];
  if (row === undefined) throw new TypeError('an upsert answers a row');
  if (row.nextOffset > endOffset)
    await tx.query('DELETE FROM subscription_partitions WHERE topic = $1 AND partition = $2', values);
  const { rows: partitions } = await tx.query<OpenedLane['partitions'][number]>(
    `SELECT p.subscription_id AS "subscriptionId", p.next_offset AS "nextOffset", p.followed
     FROM subscription_partitions p JOIN subscriptions s ON s.id = p.subscription_id
     WHERE p.topic = $1 AND p.partition = $2 AND s.deleted_at IS NULL`,
    values,
  );
  const atEnd = row.nextOffset > endOffset || !partitions.some(({ followed }) => followed);
  if (atEnd)
    await tx.query('UPDATE dispatch_positions SET next_offset = $3 WHERE topic = $1 AND partition = $2', [
      ...values,
      endOffset,
    ]);
  return { nextOffset: atEnd ? endOffset : row.nextOffset, epoch: row.epoch, partitions };
}

/** Everything before `nextOffset` has been looked at and queued. Throws LaneLost when another process has taken over. */
export async function moveLane(
  tx: Queryable,
  { topic, partition }: Place,
  epoch: number,
  nextOffset: bigint,
): Promise<void> {
  const { rowCount } = await tx.query({
    name: 'move_dispatch_position',
    text: `UPDATE dispatch_positions SET next_offset = greatest(next_offset, $4)
           WHERE topic = $1 AND partition = $2 AND epoch = $3`,
    values: [topic, partition, epoch, nextOffset],
  });
  if (rowCount === 0) throw new LaneLost(`${topic}/${partition} was taken over`);
}

/** How far one subscription has come by itself, and whether it goes on with everybody from there. */
export async function markPartition(
  tx: Tx,
  subscriptionId: string,
  { topic, partition }: Place,
  { nextOffset, followed }: { nextOffset: bigint; followed: boolean },
): Promise<void> {
  await tx.query({
    name: 'mark_subscription_partition',
    text: `INSERT INTO subscription_partitions (subscription_id, topic, partition, next_offset, followed)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (subscription_id, topic, partition) DO UPDATE SET next_offset = $4, followed = $5`,
    values: [subscriptionId, topic, partition, nextOffset, followed],
  });
}

/** Subscriptions for which something can be sent now, should the nudge about it have been lost. */
export async function subscriptionsToNudge(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT s.id FROM subscriptions s WHERE s.deleted_at IS NULL AND s.method <> 'sse' AND (
       s.state = 'active' AND EXISTS (
         SELECT FROM subscription_events e WHERE e.subscription_id = s.id AND e.state = 'waiting')
       OR EXISTS (
         SELECT FROM deliveries d WHERE d.subscription_id = s.id AND d.state = 'pending'
           AND (d.kind = 'ping' OR s.state = 'active') AND d.next_attempt_at < clock_timestamp()))`,
  );
  return rows.map(({ id }) => id);
}

export async function countDisabled(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM subscriptions WHERE state = 'disabled' AND deleted_at IS NULL`,
  );
  return rows[0]?.count ?? 0;
}

/** A private stream keeps its newest events for readers that come back. */
export async function trimStreams(db: Queryable, keepCount: number): Promise<void> {
  await db.query(
    `DELETE FROM subscription_events e USING subscriptions s JOIN subscription_progress p ON p.subscription_id = s.id
     WHERE s.method = 'sse' AND e.subscription_id = s.id AND e.seq <= p.last_seq - $1`,
    [keepCount],
  );
}
