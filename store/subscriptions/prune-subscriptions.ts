import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/**
 * Forgets, and answers how many rows: the log of deliveries that ended longer ago than `keepMs` with the events of those that
 * failed, that an event was delivered, and everything of subscriptions that were deleted, they themselves
 * as late as the log. What waits is kept.
 */
export async function pruneSubscriptions(
  db: Pick<Db, 'query'>,
  keepMs: number,
  options?: PruneOptions,
): Promise<number> {
  const old = `< clock_timestamp() - $2 * interval '1 millisecond'`;
  const gone = 'IN (SELECT id FROM subscriptions WHERE deleted_at IS NOT NULL)';
  const values = [keepMs];
  // `$2` is named in each, because each is given it
  const given = '$2::float8 IS NOT NULL';
  const parts: [table: string, condition: string, orderBy?: string][] = [
    // first: as long as a message that failed is in the log it may be sent again, so its events stay with it
    ['deliveries', `(ended_at ${old}) OR subscription_id ${gone}`],
    [
      'subscription_events',
      `(created_at ${old} AND (state IN ('delivered', 'dropped') OR (state = 'failed' AND NOT EXISTS (
         SELECT FROM deliveries d WHERE d.id = subscription_events.delivery_id)))) OR subscription_id ${gone}`,
    ],
    [
      'subscription_events',
      `created_at ${old} AND subscription_id IN (SELECT id FROM subscriptions WHERE method = 'sse')`,
    ],
    ['subscription_partitions', `${given} AND subscription_id ${gone}`],
    ['subscription_secrets', `(expires_at ${old}) OR subscription_id ${gone}`],
    ['subscription_progress', `subscription_id IN (SELECT id FROM subscriptions WHERE deleted_at ${old})`],
    [
      'subscriptions',
      `deleted_at ${old} AND NOT EXISTS (SELECT FROM subscription_progress p WHERE p.subscription_id = subscriptions.id)`,
      'id',
    ],
  ];
  let count = 0;
  for (const [table, condition, orderBy = 'subscription_id'] of parts)
    count += await deleteInBatches(db, { table, condition, orderBy }, values, options);
  return count;
}
