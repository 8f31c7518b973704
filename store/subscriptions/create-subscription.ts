import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Tx } from '../db.ts';
import { auditedUrl } from './audited-url.ts';
import { findSubscription } from './reads.ts';
import type { Subscription, SubscriptionMethod, SubscriptionSettings } from './types.ts';

/** So many per client: each is matched against every event. */
export const subscriptionCountMax = 50;

export type NewSubscription = SubscriptionSettings & {
  subscriptionId: string;
  clientId: string;
  method: SubscriptionMethod;
  /** Null: from now on, by the database's clock. */
  startsAt: Date | null;
  secretId: string;
  actor: string;
};

/**
 * The same id twice is one subscription. Throws `limit_exceeded` when the client has as many as it may have, and `not_found`
 * when that one was deleted since.
 */
export async function createSubscription(
  tx: Tx,
  wanted: NewSubscription,
  context: EventContext & { requestId?: string } = {},
): Promise<Subscription> {
  const { subscriptionId, clientId } = wanted;
  // of two requests at the limit, one is late
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`subscriptions:${clientId}`]);
  const existing = await findSubscription(tx, subscriptionId, clientId);
  if (existing !== undefined) return existing;
  const { rows } = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM subscriptions WHERE client_id = $1 AND deleted_at IS NULL',
    [clientId],
  );
  if ((rows[0]?.count ?? 0) >= subscriptionCountMax)
    throw new LootError(
      'limit_exceeded',
      `A client has at most ${subscriptionCountMax} subscriptions; delete one, or widen one.`,
    );
  if (!(await insert(tx, wanted)))
    throw new LootError('not_found', 'The subscription that this request made was deleted since.');
  const { description, topicPattern, types, method, url, targetTopic } = wanted;
  await appendAudit(
    tx,
    {
      actor: wanted.actor,
      action: 'subscription.created',
      target: `subscription:${subscriptionId}`,
      detail: { clientId, description, topicPattern, types, method, ...auditedUrl(url), targetTopic },
    },
    context,
  );
  const created = await findSubscription(tx, subscriptionId, clientId);
  if (created === undefined) throw new TypeError('a subscription that was written a moment ago');
  return created;
}

/** Answers whether there was none. */
async function insert(tx: Tx, wanted: NewSubscription): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO subscriptions (id, client_id, description, topic_pattern, types, filter, method, url, target_topic,
       retry_count_max, retry_delay_ms, rate_per_minute, batch_events_max, batch_wait_ms_max, ack_required, starts_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, coalesce($16, clock_timestamp()))
     ON CONFLICT (id) DO NOTHING`,
    [
      wanted.subscriptionId,
      wanted.clientId,
      wanted.description,
      wanted.topicPattern,
      wanted.types,
      JSON.stringify(wanted.filter),
      wanted.method,
      wanted.url,
      wanted.targetTopic,
      wanted.retryCountMax,
      wanted.retryDelayMs,
      wanted.ratePerMinute,
      wanted.batchEventsMax,
      wanted.batchWaitMsMax,
      wanted.ackRequired,
      wanted.startsAt,
    ],
  );
  if (rowCount === 0) return false;
  await tx.query('INSERT INTO subscription_progress (subscription_id) VALUES ($1)', [wanted.subscriptionId]);
  if (wanted.method === 'webhook')
    await tx.query('INSERT INTO subscription_secrets (id, subscription_id) VALUES ($1, $2)', [
      wanted.secretId,
      wanted.subscriptionId,
    ]);
  return true;
}
