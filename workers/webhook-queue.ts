import { createWebhookActivities } from '../activities/webhooks/webhook-activities.ts';
import { deriveKey } from '../platform/derive-key.ts';
import { ensureSecret } from '../store/signing-keys/ensure-secret.ts';
import { webhookKeyPurpose } from '../store/subscriptions/secrets.ts';
import { taskQueues } from '../workflows/messages.ts';
import type { EventParts } from './open-events.ts';
import type { Queue } from './queue-worker.ts';
import type { ProcessParts } from './run-process.ts';

/** An attempt mostly waits for its receiver: as many hang at once as it takes before others wait for their turn. */
const slotCount = 400;

/** Sending to subscribers, on a task queue of its own. */
export function webhookQueue(deps: ProcessParts & Pick<EventParts, 'broker'>): Queue {
  const { config, db } = deps;
  let key: Promise<Uint8Array> | undefined;
  const secretKey = () => {
    key ??= readKey().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
  const readKey = async () =>
    deriveKey(config.KEY_ENCRYPTION_SECRET ?? (await ensureSecret(db, 'key-encryption')), webhookKeyPurpose);
  const rules = { allowedHosts: config.WEBHOOK_ALLOWED_HOSTS };
  return {
    name: taskQueues.webhooks,
    activities: createWebhookActivities({ ...deps, rules, secretKey }),
    options: { maxConcurrentActivityTaskExecutions: slotCount },
  };
}
