import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';
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

export type DeadLetterFilter = {
  group?: string;
  topic?: string;
  type?: string;
  status?: DeadLetterStatus;
  errorClass?: string;
  /** Letters after this id; ids are time-ordered. */
  after?: string;
  limit: number;
};

/** Oldest first. */
export async function listDeadLetters(db: Queryable, filter: DeadLetterFilter): Promise<DeadLetter[]> {
  const { rows } = await db.query<Row>(
    `SELECT * FROM dead_letters
     WHERE ($1::text IS NULL OR consumer_group = $1) AND ($2::text IS NULL OR topic = $2)
       AND ($3::text IS NULL OR event_type = $3) AND ($4::text IS NULL OR status = $4)
       AND ($5::text IS NULL OR error_class = $5) AND ($6::uuid IS NULL OR id > $6)
     ORDER BY id LIMIT $7`,
    [
      filter.group ?? null,
      filter.topic ?? null,
      filter.type ?? null,
      filter.status ?? null,
      filter.errorClass ?? null,
      filter.after ?? null,
      filter.limit,
    ],
  );
  return rows.map(toDeadLetter);
}

export async function readDeadLetter(db: Queryable, id: string): Promise<DeadLetter | undefined> {
  const { rows } = await db.query<Row>('SELECT * FROM dead_letters WHERE id = $1', [id]);
  return rows.map(toDeadLetter)[0];
}

/** Whether events of the letter's key wait behind it or another; also after it was closed. */
export async function isParkedBehind(
  db: Queryable,
  { group, topic, key }: Pick<DeadLetter, 'group' | 'topic' | 'key'>,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'SELECT 1 FROM parked_keys WHERE consumer_group = $1 AND topic = $2 AND key = $3',
    [group, topic, key],
  );
  return rowCount === 1;
}

export type DeadLetterLevel = { group: string; topic: string; waitingCount: number; parkedKeyCount: number };

export async function readDeadLetterLevels(db: Queryable): Promise<DeadLetterLevel[]> {
  const { rows } = await db.query<{ group: string; topic: string; waiting: number; parked: number }>(
    `SELECT "group", topic, sum(waiting)::int AS waiting, sum(parked)::int AS parked FROM (
       SELECT consumer_group AS "group", topic, 1 AS waiting, 0 AS parked FROM dead_letters WHERE status = 'waiting'
       UNION ALL SELECT consumer_group, topic, 0, 1 FROM parked_keys) AS both
     GROUP BY 1, 2`,
  );
  return rows.map(({ group, topic, waiting, parked }) => ({
    group,
    topic,
    waitingCount: waiting,
    parkedKeyCount: parked,
  }));
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
