import type { Tx } from '../db.ts';
import { disableSubscription } from './change-subscription.ts';

/** What came of one attempt. */
export type Attempt = {
  outcome: 'delivered' | 'failed';
  responseCode: number | null;
  durationMs: number;
  error: string | null;
};

export type AfterFailure = {
  /** Null: this was the last attempt. */
  retryInMs: number | null;
  /** Given: the receiver has said that it wants nothing any more. */
  disable?: string;
  /** The receiver has not failed: the attempt is not one of those it is given. */
  isUncounted?: boolean;
};

/** Messages in a row that were given up, until their subscription is disabled. */
export const failureCountMax = 5;

/** What is delivered need not be kept; that it was is, so that the same event is not told twice. */
const forgotten = 'event = NULL, record_key = NULL, record_value = NULL, record_headers = NULL';

/**
 * Writes down what came of an attempt: delivered, to be tried again, or given up. Answers whether the subscription was
 * disabled by it: at the receiver's wish, or because `failureCountMax` messages in a row were given up. An attempt that was
 * thought lost and has been followed by another, or by its message's end, is stale and changes nothing.
 */
export async function endAttempt(
  tx: Tx,
  {
    subscriptionId,
    deliveryId,
    kind,
    attempt: number,
  }: { subscriptionId: string; deliveryId: string; kind: 'events' | 'ping'; attempt: number },
  attempt: Attempt,
  after: AfterFailure,
): Promise<{ isStale: boolean; disabled: string | null }> {
  const delivered = attempt.outcome === 'delivered';
  const over = delivered || after.retryInMs === null;
  const { rowCount } = await tx.query(
    `UPDATE deliveries SET response_code = $2, duration_ms = $3, error = $4,
       state = $5, ended_at = CASE WHEN $5 <> 'pending' THEN clock_timestamp() END,
       next_attempt_at = clock_timestamp() + $6 * interval '1 millisecond', attempts = attempts - $8
     WHERE id = $1 AND state = 'pending' AND attempts = $7`,
    [
      deliveryId,
      attempt.responseCode,
      Math.round(attempt.durationMs),
      attempt.error,
      over ? attempt.outcome : 'pending',
      after.retryInMs ?? 0,
      number,
      after.isUncounted === true ? 1 : 0,
    ],
  );
  const isStale = rowCount === 0;
  if (isStale || kind === 'ping') return { isStale, disabled: null };
  if (over)
    await tx.query(
      `UPDATE subscription_events SET state = $3${delivered ? `, ${forgotten}` : ''}
       WHERE subscription_id = $1 AND delivery_id = $2`,
      [subscriptionId, deliveryId, attempt.outcome],
    );
  const { rows } = await tx.query<{ count: number }>(
    `UPDATE subscription_progress SET failure_count = CASE WHEN $2 THEN 0 ELSE failure_count + $3::int END
     WHERE subscription_id = $1 RETURNING failure_count AS count`,
    [subscriptionId, delivered, over ? 1 : 0],
  );
  const failureCount = rows[0]?.count ?? 0;
  const reason =
    after.disable ??
    (failureCount >= failureCountMax
      ? `${failureCount} messages in a row were given up; the last failure: ${attempt.error ?? 'unknown'}`
      : null);
  if (delivered || reason === null) return { isStale, disabled: null };
  return { isStale, disabled: (await disableSubscription(tx, subscriptionId, reason)) ? reason : null };
}
