import type { Tx } from '../db.ts';
import { findOwnTopic } from '../own-topics/reads.ts';
import { disableSubscription } from './change-subscription.ts';
import { dropUnreadable, noKeyReads } from './readable-topics.ts';
import type { Subscription } from './types.ts';

type Held = { seq: bigint; topic: string | null; isKept: boolean };

/**
 * Gives a pending message up when it must not go any more because a permission ended since it was made, or cannot, because its
 * events are not kept. Those of its events that may still be told wait again, for a message of their own. Answers whether
 * it did.
 */
export async function giveUpUnsendable(
  tx: Tx,
  subscription: Pick<Subscription, 'subscriptionId' | 'clientId'>,
  deliveryId: string,
): Promise<boolean> {
  const { subscriptionId } = subscription;
  const { rows } = await tx.query<Held>(
    `SELECT seq, topic, (event IS NOT NULL OR record_headers IS NOT NULL) AS "isKept"
     FROM subscription_events WHERE subscription_id = $1 AND delivery_id = $2`,
    [subscriptionId, deliveryId],
  );
  const refused = await dropUnreadable(tx, subscription, rows);
  if (refused.length === 0 && rows.length > 0 && rows.every(({ isKept }) => isKept)) return false;
  await tx.query(
    `UPDATE subscription_events SET state = 'waiting', delivery_id = NULL
     WHERE subscription_id = $1 AND delivery_id = $2 AND state = 'taken'
       AND (event IS NOT NULL OR record_headers IS NOT NULL)`,
    [subscriptionId, deliveryId],
  );
  await fail(tx, deliveryId, refused.length > 0 ? noKeyReads : 'its events are not kept any more');
  return true;
}

/**
 * A topic that its client deleted may be another's by now, who asked for no copies. Disables the subscription; a ping has
 * failed. Answers whether it did.
 */
export async function giveUpForeignTopic(tx: Tx, subscription: Subscription): Promise<boolean> {
  const { subscriptionId, clientId, targetTopic } = subscription;
  if (targetTopic === null) return false;
  const own = await findOwnTopic(tx, targetTopic);
  if (own?.ownerClientId === clientId) return false;
  const reason = 'its target is not a topic of its client any more';
  await disableSubscription(tx, subscriptionId, reason);
  const { rows } = await tx.query<{ id: string }>(
    `SELECT id FROM deliveries WHERE subscription_id = $1 AND state = 'pending' AND kind = 'ping'`,
    [subscriptionId],
  );
  for (const { id } of rows) await fail(tx, id, reason);
  return true;
}

const fail = (tx: Tx, deliveryId: string, reason: string) =>
  tx.query(`UPDATE deliveries SET state = 'failed', ended_at = clock_timestamp(), error = $2 WHERE id = $1`, [
    deliveryId,
    reason,
  ]);
