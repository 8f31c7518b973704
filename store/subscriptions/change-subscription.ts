import { isDeepStrictEqual } from 'node:util';
import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Tx } from '../db.ts';
import { auditedUrl } from './audited-url.ts';
import { findSubscription } from './reads.ts';
import type { Subscription, SubscriptionSettings, SubscriptionState } from './types.ts';

export type Change = { subscriptionId: string; clientId: string | null; actor: string };
type Context = EventContext & { requestId?: string };

/**
 * Takes new settings. `topics` are those its pattern matches now: what it read of others is forgotten, and topics it did not
 * read before begin now. Throws `not_found`, and `precondition_failed` when it is not at this version any more.
 */
export async function updateSubscription(
  tx: Tx,
  change: Change,
  settings: SubscriptionSettings,
  topics: readonly string[],
  version: number,
  context: Context = {},
): Promise<Subscription> {
  const before = await requireSubscription(tx, change);
  // the answer to this very change was lost
  if (before.version === version + 1 && isSame(before, settings)) return before;
  const { rowCount } = await tx.query(
    `UPDATE subscriptions SET description = $3, topic_pattern = $4, types = $5, filter = $6, url = $7, target_topic = $8,
       retry_count_max = $9, retry_delay_ms = $10, rate_per_minute = $11, batch_events_max = $12, batch_wait_ms_max = $13,
       ack_required = $14, starts_at = CASE WHEN topic_pattern = $4 THEN starts_at ELSE clock_timestamp() END,
       version = version + 1, updated_at = clock_timestamp()
     WHERE id = $1 AND version = $2 AND deleted_at IS NULL`,
    [
      change.subscriptionId,
      version,
      settings.description,
      settings.topicPattern,
      settings.types,
      JSON.stringify(settings.filter),
      settings.url,
      settings.targetTopic,
      settings.retryCountMax,
      settings.retryDelayMs,
      settings.ratePerMinute,
      settings.batchEventsMax,
      settings.batchWaitMsMax,
      settings.ackRequired,
    ],
  );
  if (rowCount === 0) throw changed();
  if (before.topicPattern !== settings.topicPattern)
    await tx.query(
      'DELETE FROM subscription_partitions WHERE subscription_id = $1 AND NOT topic = ANY($2::text[])',
      [change.subscriptionId, topics],
    );
  const { url, targetTopic, topicPattern } = settings;
  await audit(tx, 'subscription.changed', change, { ...auditedUrl(url), targetTopic, topicPattern }, context);
  return requireSubscription(tx, change);
}

/**
 * Pauses it, or lets it go on where it stopped; what came meanwhile is still in Kafka, as long as the topic keeps it. To be
 * in that state already is success. Throws `not_found`.
 */
export async function setSubscriptionState(
  tx: Tx,
  change: Change,
  state: Exclude<SubscriptionState, 'disabled'>,
  context: Context = {},
): Promise<Subscription> {
  const { rowCount } = await tx.query(
    `UPDATE subscriptions SET state = $3, state_reason = NULL, version = version + 1, updated_at = clock_timestamp()
     WHERE id = $1 AND ($2::text IS NULL OR client_id = $2) AND deleted_at IS NULL AND state <> $3`,
    [change.subscriptionId, change.clientId, state],
  );
  if (rowCount === 1) {
    await tx.query('UPDATE subscription_progress SET failure_count = 0 WHERE subscription_id = $1', [
      change.subscriptionId,
    ]);
    const action = state === 'paused' ? 'subscription.paused' : 'subscription.resumed';
    await audit(tx, action, change, {}, context);
  }
  return requireSubscription(tx, change);
}

/** Of a subscription that runs; what waits for it stays. Answers whether it was this call that did. */
export async function disableSubscription(tx: Tx, subscriptionId: string, reason: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE subscriptions SET state = 'disabled', state_reason = $2, version = version + 1, updated_at = clock_timestamp()
     WHERE id = $1 AND state = 'active' AND deleted_at IS NULL`,
    [subscriptionId, reason],
  );
  if (rowCount === 0) return false;
  const change = { subscriptionId, clientId: null, actor: 'system:webhooks' };
  await audit(tx, 'subscription.disabled', change, { reason }, {});
  return true;
}

/** Its rows go later, in small pieces. Throws as `updateSubscription` does. */
export async function deleteSubscription(
  tx: Tx,
  change: Change,
  version: number,
  context: Context = {},
): Promise<void> {
  if (await wasDeleted(tx, change, version)) return;
  await requireSubscription(tx, change);
  const { rowCount } = await tx.query(
    `UPDATE subscriptions SET deleted_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
     WHERE id = $1 AND version = $2 AND deleted_at IS NULL`,
    [change.subscriptionId, version],
  );
  if (rowCount === 0) throw changed();
  await audit(tx, 'subscription.deleted', change, {}, context);
}

function isSame(before: Subscription, wanted: SubscriptionSettings): boolean {
  const settingsOf = (given: SubscriptionSettings) => [
    given.description,
    given.topicPattern,
    given.types,
    JSON.parse(JSON.stringify(given.filter)) as unknown,
    given.url,
    given.targetTopic,
    given.retryCountMax,
    given.retryDelayMs,
    given.ratePerMinute,
    given.batchEventsMax,
    given.batchWaitMsMax,
    given.ackRequired,
  ];
  return isDeepStrictEqual(settingsOf(before), settingsOf(wanted));
}

/** By this very request before, whose answer was lost: it was at that version then. */
async function wasDeleted(tx: Tx, { subscriptionId, clientId }: Change, version: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT FROM subscriptions WHERE id = $1 AND ($2::text IS NULL OR client_id = $2)
       AND deleted_at IS NOT NULL AND version = $3::int + 1`,
    [subscriptionId, clientId, version],
  );
  return rowCount === 1;
}

export async function requireSubscription(
  tx: Parameters<typeof findSubscription>[0],
  { subscriptionId, clientId }: Pick<Change, 'subscriptionId' | 'clientId'>,
): Promise<Subscription> {
  const found = await findSubscription(tx, subscriptionId, clientId);
  if (found === undefined) throw new LootError('not_found', 'There is no such subscription.');
  return found;
}

const changed = () => new LootError('precondition_failed', 'The subscription has changed; read it again.');

const audit = (
  tx: Tx,
  action: string,
  { subscriptionId, actor }: Change,
  detail: Record<string, string | null>,
  context: Context,
): Promise<void> =>
  appendAudit(tx, { actor, action, target: `subscription:${subscriptionId}`, detail }, context);
