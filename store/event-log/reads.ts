import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';

export type LoggedEvent = {
  id: string;
  topic: string;
  type: string;
  key: string | null;
  partition: number;
  offset: bigint;
  createdAt: Date;
  publishedAt: Date;
};

/** Undefined for what was never published, or so long ago that Kafka has let go of it. */
export async function readLoggedEvent(db: Queryable, id: string): Promise<LoggedEvent | undefined> {
  const { rows } = await db.query<LoggedEvent>(
    `SELECT id, topic, type, key, "partition", "offset", created_at AS "createdAt", published_at AS "publishedAt"
     FROM event_log WHERE id = $1 ORDER BY published_at LIMIT 1`,
    [id],
  );
  return rows[0];
}

/** Where each of these events stands, as far as they are published. */
export async function readPlaces(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, { partition: number; offset: bigint }>> {
  const { rows } = await db.query<{ id: string; partition: number; offset: bigint }>(
    'SELECT id, "partition", "offset" FROM event_log WHERE id = ANY ($1::uuid[])',
    [ids],
  );
  return new Map(rows.map(({ id, partition, offset }) => [id, { partition, offset }]));
}

export type WaitingEvent = {
  id: string;
  topic: string;
  type: string;
  key: string | null;
  error: string | null;
  headers: Record<string, JsonValue>;
  createdAt: Date;
  /** How many of its shard go before it, counted up to `aheadCountMax`. */
  ahead: number;
};

const aheadCountMax = 10_000;

/** An event that waits for Kafka. The outbox has no index for this: it is read through, which is short unless it is long. */
export async function readWaitingEvent(db: Queryable, id: string): Promise<WaitingEvent | undefined> {
  const { rows } = await db.query<WaitingEvent>(
    `SELECT o.id, o.topic, o.type, o.key, o.error, o.headers, o.created_at AS "createdAt",
       (SELECT count(*)::int FROM (SELECT FROM outbox p WHERE p.shard = o.shard AND p.seq < o.seq LIMIT $2) AS few) AS ahead
     FROM outbox o WHERE o.id = $1 LIMIT 1`,
    [id, aheadCountMax],
  );
  return rows[0];
}
