import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Queryable, Tx } from '../db.ts';
import { requireSubscription } from './change-subscription.ts';
import type { Change } from './change-subscription.ts';

/** One message to a subscriber as its log shows it; `deliveryId` is the webhook-id. */
export type Delivery = {
  deliveryId: string;
  kind: 'events' | 'ping';
  state: 'pending' | 'delivered' | 'failed';
  attempts: number;
  eventIds: string[];
  responseCode: number | null;
  durationMs: number | null;
  error: string | null;
  nextAttemptAt: Date | null;
  lastAttemptAt: Date | null;
  endedAt: Date | null;
  createdAt: Date;
};

const columns = `id AS "deliveryId", kind, state, attempts, event_ids AS "eventIds", response_code AS "responseCode",
  duration_ms AS "durationMs", error, CASE WHEN state = 'pending' THEN next_attempt_at END AS "nextAttemptAt",
  last_attempt_at AS "lastAttemptAt", ended_at AS "endedAt", created_at AS "createdAt"`;

export async function listDeliveries(
  db: Queryable,
  subscriptionId: string,
  page: { state?: Delivery['state']; after?: readonly string[]; limit: number },
): Promise<(Delivery & { createdAtText: string })[]> {
  const [createdAt = null, id = null] = page.after ?? [];
  const { rows } = await db.query<Delivery & { createdAtText: string }>(
    `SELECT ${columns}, created_at::text AS "createdAtText" FROM deliveries
     WHERE subscription_id = $1 AND ($2::text IS NULL OR state = $2)
       AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::uuid))
     ORDER BY created_at DESC, id DESC LIMIT $5`,
    [subscriptionId, page.state ?? null, createdAt, id, page.limit],
  );
  return rows;
}

export async function findDelivery(
  db: Queryable,
  subscriptionId: string,
  deliveryId: string,
): Promise<Delivery | undefined> {
  const { rows } = await db.query<Delivery>(
    `SELECT ${columns} FROM deliveries WHERE subscription_id = $1 AND id = $2`,
    [subscriptionId, deliveryId],
  );
  return rows[0];
}

/**
 * Sends a failed delivery once more, under the id it had. One that is pending already is answered as it is. Throws
 * `not_found`, and `delivery_closed` when it was delivered or its events are not kept any more.
 */
export async function redeliver(
  tx: Tx,
  change: Change,
  deliveryId: string,
  context: EventContext & { requestId?: string } = {},
): Promise<Delivery> {
  await requireSubscription(tx, change);
  const { rowCount } = await tx.query(
    `UPDATE deliveries SET state = 'pending', attempts = 0, ended_at = NULL, next_attempt_at = clock_timestamp()
     WHERE subscription_id = $1 AND id = $2 AND state = 'failed'`,
    [change.subscriptionId, deliveryId],
  );
  const delivery = await findDelivery(tx, change.subscriptionId, deliveryId);
  if (delivery === undefined) throw new LootError('not_found', 'There is no such delivery.');
  if (delivery.state === 'delivered')
    throw new LootError('delivery_closed', 'The delivery has arrived; nothing is sent again.');
  if (rowCount === 0) return delivery;
  const { rowCount: eventCount } = await tx.query(
    `UPDATE subscription_events SET state = 'taken' WHERE subscription_id = $1 AND delivery_id = $2 AND state = 'failed'`,
    [change.subscriptionId, deliveryId],
  );
  if (delivery.kind === 'events' && eventCount === 0)
    throw new LootError('delivery_closed', 'The events of the delivery are not kept any more.');
  await appendAudit(
    tx,
    {
      actor: change.actor,
      action: 'subscription.redelivered',
      target: `subscription:${change.subscriptionId}`,
      detail: { deliveryId },
    },
    context,
  );
  return delivery;
}

/** A message that is no event of anybody's: to try the receiver out, also while the subscription is paused. */
export async function queuePing(
  tx: Tx,
  { subscriptionId, actor }: Pick<Change, 'subscriptionId' | 'actor'>,
  ping: { deliveryId: string; eventId: string; body: string },
  context: EventContext & { requestId?: string } = {},
): Promise<Delivery> {
  const { rowCount } = await tx.query(
    `INSERT INTO deliveries (id, subscription_id, kind, event_ids, body) VALUES ($1, $2, 'ping', ARRAY[$3], $4)
     ON CONFLICT (id) DO NOTHING`,
    [ping.deliveryId, subscriptionId, ping.eventId, ping.body],
  );
  if (rowCount === 1)
    await appendAudit(
      tx,
      {
        actor,
        action: 'subscription.pinged',
        target: `subscription:${subscriptionId}`,
        detail: { deliveryId: ping.deliveryId },
      },
      context,
    );
  const delivery = await findDelivery(tx, subscriptionId, ping.deliveryId);
  if (delivery === undefined) throw new TypeError('a ping that was written a moment ago');
  return delivery;
}
