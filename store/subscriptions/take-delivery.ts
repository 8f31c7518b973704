import { randomUUID } from 'node:crypto';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Tx } from '../db.ts';
import { giveUpForeignTopic, giveUpUnsendable } from './give-up-unsendable.ts';
import { dropUnreadable } from './readable-topics.ts';
import { findSubscription } from './reads.ts';
import type { Subscription } from './types.ts';

export type MessageEvent = {
  event: string | null;
  key: Buffer | null;
  value: Buffer | null;
  headers: JsonValue | null;
};

/** What is to be sent now, and under which id; the same until it has arrived or was given up. */
export type Message = {
  deliveryId: string;
  kind: 'events' | 'ping';
  /** From 1; this one included. */
  attempt: number;
  /** Of a ping: the event itself. */
  body: string | null;
  events: MessageEvent[];
};

export type Step =
  | { status: 'gone' | 'idle' }
  | { status: 'paused' | 'disabled'; subscription: Subscription }
  | { status: 'wait'; why: 'retry' | 'rate' | 'batch'; waitMs: number; subscription: Subscription }
  | { status: 'send'; message: Message; subscription: Subscription };

/** A message holds no more bytes of events than this, or one event. */
const messageBytesMax = 1_048_576;

/**
 * Decides what a subscription's next request is: the message that is pending, else a new one of what waits at the front of
 * its queue. Which events it holds and its attempt are written down before it is sent, so that after a crash the same
 * message goes again under the same id. The progress row's lock keeps two workers apart.
 */
export async function takeDelivery(tx: Tx, subscriptionId: string): Promise<Step> {
  const found = await findSubscription(tx, subscriptionId, null);
  if (found === undefined || found.method === 'sse') return { status: 'gone' };
  const { rows } = await tx.query<{ rateWaitMs: number }>(
    `SELECT greatest(0, ceil(extract(epoch FROM next_send_at - clock_timestamp()) * 1000))::int AS "rateWaitMs"
     FROM subscription_progress WHERE subscription_id = $1 FOR UPDATE`,
    [subscriptionId],
  );
  const foreign = await giveUpForeignTopic(tx, found);
  const subscription = foreign ? ((await findSubscription(tx, subscriptionId, null)) ?? found) : found;
  const pending = await findPending(tx, subscription);
  if (pending === undefined && subscription.state !== 'active')
    return { status: subscription.state, subscription };
  if (pending !== undefined && pending.waitMs > 0)
    return { status: 'wait', why: 'retry', waitMs: pending.waitMs, subscription };
  const rateWaitMs = rows[0]?.rateWaitMs ?? 0;
  if (rateWaitMs > 0) return { status: 'wait', why: 'rate', waitMs: rateWaitMs, subscription };
  const made = pending ?? (await makeDelivery(tx, subscription));
  if (typeof made !== 'object') return { status: 'idle' };
  if ('batchWaitMs' in made) return { status: 'wait', why: 'batch', waitMs: made.batchWaitMs, subscription };
  return { status: 'send', message: await startAttempt(tx, subscription, made.id), subscription };
}

type Pending = { id: string; kind: Message['kind']; waitMs: number };

/** Pings go before everything and also while nothing else goes. */
async function findPending(tx: Tx, subscription: Subscription): Promise<Pending | undefined> {
  const { subscriptionId, state } = subscription;
  const { rows } = await tx.query<Pending>(
    `SELECT id, kind, greatest(0, ceil(extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000))::int AS "waitMs"
     FROM deliveries WHERE subscription_id = $1 AND state = 'pending' AND (kind = 'ping' OR $2)
     ORDER BY kind = 'ping' DESC, created_at, id LIMIT 1`,
    [subscriptionId, state === 'active'],
  );
  const [pending] = rows;
  if (pending?.kind !== 'events' || !(await giveUpUnsendable(tx, subscription, pending.id))) return pending;
  return findPending(tx, subscription);
}

type Waiting = { seq: bigint; topic: string | null; eventId: string; ageMs: number; bytes: number };

async function makeDelivery(
  tx: Tx,
  subscription: Subscription,
): Promise<{ id: string } | { batchWaitMs: number } | 'nothing'> {
  const { subscriptionId, batchEventsMax, batchWaitMsMax } = subscription;
  const waiting = await permitted(tx, subscription);
  const first = waiting[0];
  if (first === undefined) return 'nothing';
  const batchWaitMs = Math.ceil(batchWaitMsMax - first.ageMs);
  if (waiting.length < batchEventsMax && batchWaitMs > 0) return { batchWaitMs };
  let bytes = 0;
  const fitting = waiting.filter((event, index) => (bytes += event.bytes) <= messageBytesMax || index === 0);
  const id = randomUUID();
  await tx.query('INSERT INTO deliveries (id, subscription_id, event_ids) VALUES ($1, $2, $3)', [
    id,
    subscriptionId,
    fitting.map(({ eventId }) => eventId),
  ]);
  await tx.query(
    `UPDATE subscription_events SET state = 'taken', delivery_id = $2
     WHERE subscription_id = $1 AND seq = ANY($3::bigint[])`,
    [subscriptionId, id, fitting.map(({ seq }) => seq)],
  );
  return { id };
}

/** The front of the queue. What no key of the client may read any more is dropped: a permission that ended has ended. */
async function permitted(tx: Tx, subscription: Subscription): Promise<Waiting[]> {
  const { subscriptionId, batchEventsMax } = subscription;
  for (;;) {
    const { rows } = await tx.query<Waiting>(
      `SELECT seq, topic, event_id AS "eventId",
         (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS "ageMs",
         coalesce(octet_length(event), 0) + coalesce(octet_length(record_value), 0) AS bytes
       FROM subscription_events WHERE subscription_id = $1 AND state = 'waiting' ORDER BY seq LIMIT $2`,
      [subscriptionId, batchEventsMax],
    );
    const refused = await dropUnreadable(tx, subscription, rows);
    if (refused.length === 0) return rows;
  }
}

async function startAttempt(
  tx: Tx,
  { subscriptionId, ratePerMinute }: Subscription,
  deliveryId: string,
): Promise<Message> {
  await tx.query(
    `UPDATE subscription_progress SET next_send_at =
       CASE WHEN $2::int IS NOT NULL THEN clock_timestamp() + interval '1 minute' / $2::int END
     WHERE subscription_id = $1`,
    [subscriptionId, ratePerMinute],
  );
  const { rows } = await tx.query<Omit<Message, 'events'>>(
    `UPDATE deliveries SET attempts = attempts + 1, last_attempt_at = clock_timestamp() WHERE id = $1
     RETURNING id AS "deliveryId", kind, attempts AS attempt, body`,
    [deliveryId],
  );
  const { rows: events } = await tx.query<MessageEvent>(
    `SELECT event, record_key AS key, record_value AS value, record_headers AS headers FROM subscription_events
     WHERE subscription_id = $1 AND delivery_id = $2 ORDER BY seq`,
    [subscriptionId, deliveryId],
  );
  const message = rows[0];
  if (message === undefined) throw new TypeError('a delivery that was pending a moment ago');
  return { ...message, events };
}
