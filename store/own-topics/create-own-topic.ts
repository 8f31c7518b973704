import { LootError } from '../../domain/errors.ts';
import type { Tx } from '../db.ts';
import { findOwnTopic } from './reads.ts';
import type { OwnTopic } from './reads.ts';

export const ownTopicCountMax = 100;

/**
 * Writes down a topic before Kafka has it; the same again by the same client answers the one there is. Clients take turns per
 * owner, so that the limit holds. Fails with `topic_exists` or `limit_exceeded`.
 */
export async function createOwnTopic(
  tx: Tx,
  topic: Omit<OwnTopic, 'createdAt'>,
): Promise<OwnTopic & { replayed: boolean }> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `own-topics:${topic.ownerClientId}`,
  ]);
  const there = await findOwnTopic(tx, topic.name);
  if (there !== undefined) return assertSame(there, topic);
  const { rows: counts } = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM own_topics WHERE owner_client_id = $1',
    [topic.ownerClientId],
  );
  if ((counts[0]?.count ?? 0) >= ownTopicCountMax)
    throw new LootError('limit_exceeded', `A client has at most ${ownTopicCountMax} topics.`);
  const { rowCount } = await tx.query(
    `INSERT INTO own_topics (name, description, partition_count, retention_ms, category, owner_client_id,
       classification, dead_letters, record_bytes_max)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING`,
    [
      topic.name,
      topic.description,
      topic.partitionCount,
      topic.retentionMs,
      topic.category,
      topic.ownerClientId,
      topic.classification,
      topic.deadLetters,
      topic.recordBytesMax,
    ],
  );
  const created = await findOwnTopic(tx, topic.name);
  if (created === undefined)
    throw new LootError(
      'topic_exists',
      `${topic.name} is being deleted; repeat its deletion, which ends it, and make it then.`,
    );
  return rowCount === 1 ? { ...created, replayed: false } : assertSame(created, topic);
}

/** Retention and description may have been altered since; what was agreed for good must be the same. */
function assertSame(there: OwnTopic, wanted: Omit<OwnTopic, 'createdAt'>): OwnTopic & { replayed: boolean } {
  const same = (['ownerClientId', 'partitionCount', 'classification', 'deadLetters'] as const).every(
    (member) => there[member] === wanted[member],
  );
  if (!same) throw new LootError('topic_exists', `There is a topic ${wanted.name} already.`);
  return { ...there, replayed: true };
}
