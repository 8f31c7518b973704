import { createHash } from 'node:crypto';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Tx } from '../db.ts';

/** An event for one subscriber: as structured JSON, and for a topic of their own as the record it was. */
export type QueuedEvent = {
  subscriptionId: string;
  source: string;
  eventId: string;
  type: string;
  /** Told again by this replay: then also to whoever had it before. */
  replayId?: string;
  position?: { topic: string; partition: number; offset: bigint };
  /** The structured event as JSON text; null when only the record is delivered, or when it could not be read. */
  event: string | null;
  record?: { key: Buffer | null; value: Buffer | null; headers: JsonValue };
  /** Why it cannot be delivered: it is kept for the subscriber to see. */
  error?: string;
};

/**
 * Puts events at the end of their subscriptions' queues, in the order given. One that a subscription has had is passed over
 * (by source, id and replay). The progress row's lock makes the order of `seq` that of the commits, so whoever reads
 * `seq > last` misses nothing; rows are locked in the order of their ids, so two dispatchers cannot wait for each other.
 */
export async function queueEvents(tx: Tx, events: readonly QueuedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const ids = [...new Set(events.map(({ subscriptionId }) => subscriptionId))].toSorted();
  await tx.query({
    name: 'lock_subscription_progress',
    text: `SELECT 1 FROM subscription_progress WHERE subscription_id = ANY($1::uuid[])
           ORDER BY subscription_id FOR UPDATE`,
    values: [ids],
  });
  await tx.query({
    name: 'queue_subscription_events',
    text: `
      WITH given AS MATERIALIZED (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bigint[],
          $9::text[], $10::bytea[], $11::bytea[], $12::jsonb[], $13::text[]) WITH ORDINALITY
          AS g(subscription_id, source, event_id, replay_id, type, topic, partition, "offset", event, record_key,
               record_value, record_headers, error, n)),
      raised AS (
        UPDATE subscription_progress p SET last_seq = p.last_seq + c.count
        FROM (SELECT subscription_id, count(*) AS count FROM given GROUP BY subscription_id) c
        WHERE p.subscription_id = c.subscription_id
        RETURNING p.subscription_id, p.last_seq - c.count AS base)
      INSERT INTO subscription_events (subscription_id, seq, source, event_id, replay_id, type, topic, partition, "offset",
        event, record_key, record_value, record_headers, error, state)
      SELECT g.subscription_id, r.base + row_number() OVER (PARTITION BY g.subscription_id ORDER BY g.n), g.source,
        g.event_id, g.replay_id, g.type, g.topic, g.partition, g."offset", g.event, g.record_key, g.record_value,
        g.record_headers, g.error, CASE WHEN g.error IS NULL THEN 'waiting' ELSE 'dropped' END
      FROM given g JOIN raised r USING (subscription_id)
      ON CONFLICT (subscription_id, source, event_id, replay_id) DO NOTHING`,
    values: [
      events.map(({ subscriptionId }) => subscriptionId),
      events.map(({ source }) => indexable(source)),
      events.map(({ eventId }) => indexable(eventId)),
      events.map(({ replayId }) => indexable(replayId ?? '')),
      events.map(({ type }) => indexable(type)),
      events.map(({ position }) => position?.topic ?? null),
      events.map(({ position }) => position?.partition ?? null),
      events.map(({ position }) => position?.offset ?? null),
      events.map(({ event }) => event),
      events.map(({ record }) => record?.key ?? null),
      events.map(({ record }) => record?.value ?? null),
      events.map(({ record }) => (record === undefined ? null : JSON.stringify(record.headers))),
      events.map(({ error }) => (error === undefined ? null : storable(error))),
    ],
  });
}

/** What others write into headers may be longer than an index takes, or hold what PostgreSQL cannot store. */
const indexedCharactersMax = 300;

function indexable(text: string): string {
  const clean = storable(text);
  return clean.length <= indexedCharactersMax
    ? clean
    : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

const storable = (text: string): string => text.replaceAll('\0', '\u{fffd}');
