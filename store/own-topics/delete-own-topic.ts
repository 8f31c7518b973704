import { LootError } from '../../domain/errors.ts';
import type { Db, Queryable, Tx } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';

type Wanted = {
  name: string;
  /** The topic and what goes with it. */
  names: readonly string[];
  clientId: string;
  /** Who reads it by what Kafka says, in words. */
  readers: readonly string[];
};

/**
 * Takes the topic away from everybody, unless it is in use; from then on its deletion only goes on. Answers when this life of
 * the topic began. Throws `not_found`, `forbidden`, `topic_in_use`.
 */
export async function beginTopicDeletion(tx: Tx, { name, names, clientId, readers }: Wanted): Promise<Date> {
  const { rows } = await tx.query<{ owner: string; createdAt: Date; deletingSince: Date | null }>(
    `SELECT owner_client_id AS owner, created_at AS "createdAt", deleting_since AS "deletingSince"
     FROM own_topics WHERE name = $1 FOR UPDATE`,
    [name],
  );
  const topic = rows[0];
  if (topic === undefined) throw new LootError('not_found', `There is no topic ${name}.`);
  if (topic.owner !== clientId) throw new LootError('forbidden', `${name} belongs to another client.`);
  if (topic.deletingSince !== null) return topic.createdAt;
  const uses = [...readers, ...(await usesOf(tx, names))];
  if (uses.length > 0)
    throw new LootError('topic_in_use', `${name} cannot be deleted yet: ${uses.join('; ')}.`);
  await tx.query('UPDATE own_topics SET deleting_since = clock_timestamp() WHERE name = $1', [name]);
  return topic.createdAt;
}

type Uses = {
  letterCount: number;
  parkedKeyCount: number;
  unsentCount: number;
  replays: string[];
  subscriptions: string[];
};

/** What would be lost or go on without its topic, and what to do about it. */
async function usesOf(tx: Tx, names: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<Uses>(
    `SELECT
       (SELECT count(*)::int FROM dead_letters WHERE status = 'waiting' AND topic = ANY ($1)) AS "letterCount",
       (SELECT count(*)::int FROM parked_keys WHERE topic = ANY ($1)) AS "parkedKeyCount",
       (SELECT count(*)::int FROM outbox WHERE error IS NULL AND topic = ANY ($1)) AS "unsentCount",
       ARRAY(SELECT id::text FROM replays WHERE state NOT IN ('completed', 'cancelled', 'failed')
             AND (topic = ANY ($1) OR target->>'topic' = ANY ($1)) ORDER BY id) AS replays,
       ARRAY(SELECT id::text FROM subscriptions WHERE deleted_at IS NULL AND target_topic = ANY ($1)
             ORDER BY id) AS subscriptions`,
    [names],
  );
  const [uses] = rows;
  if (uses === undefined) throw new TypeError('counts are one row');
  const { letterCount, parkedKeyCount, unsentCount, replays, subscriptions } = uses;
  return [
    ...(letterCount > 0 ? [`${letterCount} dead letters wait (redrive or discard them)`] : []),
    ...(parkedKeyCount > 0 ? [`${parkedKeyCount} keys are parked (redrive their letters)`] : []),
    ...(unsentCount > 0 ? [`${unsentCount} events are still to be sent to it (wait)`] : []),
    ...replays.map((id) => `replay ${id} is not over (cancel it)`),
    ...subscriptions.map((id) => `subscription ${id} copies to it (delete it, or name another)`),
  ];
}

const dayMs = 86_400_000;

/** Where the events of this life stood, a day at a time: the log has no index of topics. */
export async function forgetPublished(
  db: Pick<Db, 'query'>,
  names: readonly string[],
  since: Date,
): Promise<void> {
  for (let fromMs = since.getTime(); fromMs < Date.now() + dayMs; fromMs += dayMs)
    await deleteInBatches(
      db,
      {
        table: 'event_log',
        condition: 'topic = ANY ($2) AND published_at >= $3 AND published_at < $4',
        orderBy: 'published_at',
      },
      [names, new Date(fromMs), new Date(fromMs + dayMs)],
    );
}

/**
 * Takes away what knows the topic's events by their place, so that nothing of this life is mistaken for something of the next,
 * and the topic itself. Answers whether there was one. Its schemas stay: an id once given out means the same for ever.
 */
export async function endTopicDeletion(tx: Tx, name: string, names: readonly string[]): Promise<boolean> {
  const { rowCount } = await tx.query('DELETE FROM own_topics WHERE name = $1', [name]);
  if (rowCount === 0) return false;
  for (const table of ['dead_letters', 'parked_events', 'parked_keys', 'event_attempts', 'consumer_stats'])
    await tx.query(`DELETE FROM ${table} WHERE topic = ANY ($1)`, [names]);
  await tx.query('DELETE FROM subscription_partitions WHERE topic = ANY ($1)', [names]);
  // a dispatcher that still reads it has lost it
  await tx.query('UPDATE dispatch_positions SET epoch = epoch + 1, next_offset = 0 WHERE topic = ANY ($1)', [
    names,
  ]);
  // an event without an id is known by its place
  await tx.query(
    `UPDATE subscription_events SET event_id = event_id || '#' || seq
     WHERE topic = ANY ($1) AND starts_with(event_id, topic || '/')`,
    [names],
  );
  return true;
}

/** Whether this request's deletion has ended before: its answer was lost. */
export async function hasDeletedTopic(db: Queryable, name: string, deletionId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT FROM audit_entries WHERE target = $1 AND action = 'topic.deleted' AND detail->>'deletionId' = $2`,
    [`topic:${name}`, deletionId],
  );
  return rowCount !== 0;
}
