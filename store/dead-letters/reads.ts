import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';
import { topicMatches } from '../topic-patterns.ts';
import type { TopicPatterns } from '../topic-patterns.ts';
import type { DeadLetter, DeadLetterStatus } from './types.ts';

type Row = {
  id: string;
  consumer_group: string;
  topic: string;
  partition: number;
  offset: bigint;
  timestamp: Date;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, JsonValue>;
  event_id: string | null;
  event_source: string | null;
  event_type: string | null;
  attempts: number;
  error_class: string;
  error_message: string;
  status: DeadLetterStatus;
  redrives: number;
  reason: string | null;
  first_failed_at: Date;
  last_failed_at: Date;
  resolved_at: Date | null;
  created_at: Date;
};

/** Every condition that is given must hold. */
export type LetterConditions = {
  group?: string;
  topic?: string;
  type?: string;
  status?: DeadLetterStatus;
  errorClass?: string;
  key?: string;
  /** Given up on at this time or later. */
  from?: string;
  /** Given up on before this time. */
  to?: string;
};

export type DeadLetterFilter = LetterConditions & {
  /** Letters after this id; ids are time-ordered. */
  after?: string;
  /** Of topics like these. */
  readTopics?: TopicPatterns;
  limit: number;
};

/** With `conditionValues` as its first eight parameters. */
export const lettersThatMatch = `($1::text IS NULL OR consumer_group = $1) AND ($2::text IS NULL OR topic = $2)
  AND ($3::text IS NULL OR event_type = $3) AND ($4::text IS NULL OR status = $4)
  AND ($5::text IS NULL OR error_class = $5) AND ($6::bytea IS NULL OR key = $6)
  AND ($7::timestamptz IS NULL OR created_at >= $7) AND ($8::timestamptz IS NULL OR created_at < $8)`;

export const conditionValues = ({ key, ...given }: LetterConditions): unknown[] => [
  given.group ?? null,
  given.topic ?? null,
  given.type ?? null,
  given.status ?? null,
  given.errorClass ?? null,
  key === undefined ? null : Buffer.from(key),
  given.from ?? null,
  given.to ?? null,
];

/** A letter may be as large as a record. */
const pageBytesMax = 4_194_304;

/** Oldest first; fewer than `limit` also where the first ones are large, but one at least. */
export async function listDeadLetters(db: Queryable, filter: DeadLetterFilter): Promise<DeadLetter[]> {
  const { rows } = await db.query<Row>(
    `WITH found AS (
       SELECT id, coalesce(octet_length(value), 0) + octet_length(headers::text) AS bytes FROM dead_letters
       WHERE ${lettersThatMatch} AND ($9::uuid IS NULL OR id > $9) AND ${topicMatches('topic', '$11')}
       ORDER BY id LIMIT $10),
     counted AS (SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM found)
     SELECT d.* FROM counted c JOIN dead_letters d USING (id) WHERE bytes_before < $12 ORDER BY id`,
    [...conditionValues(filter), filter.after ?? null, filter.limit, filter.readTopics ?? null, pageBytesMax],
  );
  return rows.map(toDeadLetter);
}

export async function readDeadLetter(db: Queryable, id: string): Promise<DeadLetter | undefined> {
  const { rows } = await db.query<Row>('SELECT * FROM dead_letters WHERE id = $1', [id]);
  return rows.map(toDeadLetter)[0];
}

/** How many events wait behind the letter or another of its key; undefined when the key is not parked. */
export async function countParkedBehind(
  db: Queryable,
  { group, topic, key }: Pick<DeadLetter, 'group' | 'topic' | 'key'>,
): Promise<number | undefined> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT (SELECT count(*)::int FROM parked_events e
       WHERE e.consumer_group = k.consumer_group AND e.topic = k.topic AND e.key = k.key) AS count
     FROM parked_keys k WHERE k.consumer_group = $1 AND k.topic = $2 AND k.key = $3`,
    [group, topic, key],
  );
  return rows[0]?.count;
}

export type DeadLetterLevel = {
  group: string;
  topic: string;
  waitingCount: number;
  parkedKeyCount: number;
  /** Since when the longest parked key has been. */
  oldestParkedSeconds: number;
};

export async function readDeadLetterLevels(db: Queryable): Promise<DeadLetterLevel[]> {
  const { rows } = await db.query<DeadLetterLevel>(
    `SELECT "group", topic, sum(waiting)::int AS "waitingCount", sum(parked)::int AS "parkedKeyCount",
       greatest(0, max(age))::float8 AS "oldestParkedSeconds"
     FROM (
       SELECT consumer_group AS "group", topic, 1 AS waiting, 0 AS parked, 0 AS age
       FROM dead_letters WHERE status = 'waiting'
       UNION ALL
       SELECT consumer_group, topic, 0, 1, extract(epoch FROM clock_timestamp() - parked_at)
       FROM parked_keys) AS both
     GROUP BY 1, 2`,
  );
  return rows;
}

/** How many letters there are of a group, topic and class of error, and what is parked behind those of the first two. */
export type DeadLetterSummary = {
  classes: {
    group: string;
    topic: string;
    errorClass: string;
    waitingCount: number;
    redrivenCount: number;
    discardedCount: number;
    oldestWaitingAt: Date | null;
  }[];
  parked: { group: string; topic: string; keyCount: number; eventCount: number; oldestParkedAt: Date }[];
};

export async function readDeadLetterSummary(
  db: Queryable,
  readTopics: TopicPatterns = null,
): Promise<DeadLetterSummary> {
  const [classes, parked] = await Promise.all([
    db.query<DeadLetterSummary['classes'][number]>(
      `SELECT consumer_group AS "group", topic, error_class AS "errorClass",
         count(*) FILTER (WHERE status = 'waiting')::int AS "waitingCount",
         count(*) FILTER (WHERE status = 'redriven')::int AS "redrivenCount",
         count(*) FILTER (WHERE status = 'discarded')::int AS "discardedCount",
         min(created_at) FILTER (WHERE status = 'waiting') AS "oldestWaitingAt"
       FROM dead_letters WHERE ${topicMatches('topic', '$1')} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      [readTopics],
    ),
    db.query<DeadLetterSummary['parked'][number]>(
      `SELECT k.consumer_group AS "group", k.topic, count(*)::int AS "keyCount", sum(e.count)::int AS "eventCount",
         min(k.parked_at) AS "oldestParkedAt"
       FROM parked_keys k CROSS JOIN LATERAL (SELECT count(*) FROM parked_events e
         WHERE e.consumer_group = k.consumer_group AND e.topic = k.topic AND e.key = k.key) e
       WHERE ${topicMatches('k.topic', '$1')} GROUP BY 1, 2 ORDER BY 1, 2`,
      [readTopics],
    ),
  ]);
  return { classes: classes.rows, parked: parked.rows };
}

const toDeadLetter = (row: Row): DeadLetter => ({
  id: row.id,
  group: row.consumer_group,
  topic: row.topic,
  partition: row.partition,
  offset: row.offset,
  timestampMs: row.timestamp.getTime(),
  key: row.key,
  value: row.value,
  headers: row.headers,
  eventId: row.event_id,
  eventSource: row.event_source,
  eventType: row.event_type,
  attempts: row.attempts,
  errorClass: row.error_class,
  errorMessage: row.error_message,
  status: row.status,
  redrives: row.redrives,
  reason: row.reason,
  firstFailedAt: row.first_failed_at,
  lastFailedAt: row.last_failed_at,
  resolvedAt: row.resolved_at,
  createdAt: row.created_at,
});
