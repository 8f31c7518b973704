import type { Queryable } from '../db.ts';
import type { Subscription } from './types.ts';

export const subscriptionColumns = `id AS "subscriptionId", client_id AS "clientId", description, topic_pattern AS "topicPattern",
  types, filter, method, url, target_topic AS "targetTopic", retry_count_max AS "retryCountMax",
  retry_delay_ms AS "retryDelayMs", rate_per_minute AS "ratePerMinute", batch_events_max AS "batchEventsMax",
  batch_wait_ms_max AS "batchWaitMsMax", ack_required AS "ackRequired", starts_at AS "startsAt", state,
  state_reason AS "stateReason", version, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** `clientId` null: whoever's it is. */
export async function findSubscription(
  db: Queryable,
  subscriptionId: string,
  clientId: string | null,
): Promise<Subscription | undefined> {
  const { rows } = await db.query<Subscription>(
    `SELECT ${subscriptionColumns} FROM subscriptions
     WHERE id = $1 AND ($2::text IS NULL OR client_id = $2) AND deleted_at IS NULL`,
    [subscriptionId, clientId],
  );
  return rows[0];
}

export type SubscriptionRow = Subscription & { createdAtText: string };

/** Newest first. `createdAtText` has the microseconds a position needs. */
export async function listSubscriptions(
  db: Queryable,
  page: { clientId: string | null; after?: readonly string[]; limit: number },
): Promise<SubscriptionRow[]> {
  const [createdAt = null, id = null] = page.after ?? [];
  const { rows } = await db.query<SubscriptionRow>(
    `SELECT ${subscriptionColumns}, created_at::text AS "createdAtText" FROM subscriptions
     WHERE ($1::text IS NULL OR client_id = $1) AND deleted_at IS NULL
       AND ($2::timestamptz IS NULL OR (created_at, id) < ($2::timestamptz, $3::uuid))
     ORDER BY created_at DESC, id DESC LIMIT $4`,
    [page.clientId, createdAt, id, page.limit],
  );
  return rows;
}
