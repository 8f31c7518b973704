import { createHmac } from 'node:crypto';
import type { EventContext } from '../../domain/events.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Queryable, Tx } from '../db.ts';
import { requireSubscription } from './change-subscription.ts';
import type { Change } from './change-subscription.ts';

/** Secrets are derived from this key of the deployment, so that none is stored. */
export const webhookKeyPurpose = 'webhooks';

/** As Standard Webhooks writes them: `whsec_` and base64 of 32 bytes. */
export const webhookSecret = (key: Uint8Array, secretId: string): string =>
  `whsec_${createHmac('sha256', key).update(secretId).digest('base64')}`;

/** Newest first; two while one takes over from the other. */
export async function validSecretIds(db: Queryable, subscriptionId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM subscription_secrets
     WHERE subscription_id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())
     ORDER BY created_at DESC, id LIMIT 2`,
    [subscriptionId],
  );
  return rows.map(({ id }) => id);
}

/**
 * A new secret; the one before it also signs for `graceMs`. The same id twice is one rotation. Throws `not_found`.
 */
export async function rotateSecret(
  tx: Tx,
  change: Change,
  { secretId, graceMs }: { secretId: string; graceMs: number },
  context: EventContext & { requestId?: string } = {},
): Promise<void> {
  await requireSubscription(tx, change);
  const { rowCount } = await tx.query(
    'INSERT INTO subscription_secrets (id, subscription_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
    [secretId, change.subscriptionId],
  );
  if (rowCount === 0) return;
  await tx.query(
    `UPDATE subscription_secrets SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
     WHERE subscription_id = $1 AND id <> $2 AND (expires_at IS NULL OR expires_at > clock_timestamp() + $3 * interval '1 millisecond')`,
    [change.subscriptionId, secretId, graceMs],
  );
  await appendAudit(
    tx,
    {
      actor: change.actor,
      action: 'subscription.secret-rotated',
      target: `subscription:${change.subscriptionId}`,
      detail: { graceMs },
    },
    context,
  );
}
