import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { createWebhookActivities } from '../../../activities/webhooks/webhook-activities.ts';
import { startDispatcher } from '../../../events/subscriptions/dispatcher.ts';
import type { Running } from '../../../events/consumer/handler.ts';
import { loadConfig } from '../../../platform/config.ts';
import { openTemporal } from '../../../platform/temporal.ts';
import { createApiKey } from '../../../store/api-keys/create-api-key.ts';
import { createSubscription } from '../../../store/subscriptions/create-subscription.ts';
import type { NewSubscription } from '../../../store/subscriptions/create-subscription.ts';
import { listDeliveries } from '../../../store/subscriptions/deliveries.ts';
import { webhookSecret } from '../../../store/subscriptions/secrets.ts';
import { startQueueWorkers } from '../../../workers/queue-worker.ts';
import { taskQueues } from '../../../workflows/messages.ts';
import { eventTools } from '../support.ts';
import type { EventTools } from '../support.ts';

export const secretKey = new Uint8Array(32).fill(7);
export const secretOf = (secretId: string): string => webhookSecret(secretKey, secretId);

export type World = Awaited<ReturnType<typeof subscriptionWorld>>;

/**
 * Dispatcher, stories and senders of this file's own; every receiver named in `hosts` may be called. `sending: false`: the
 * senders start when they are asked to.
 */
export async function subscriptionWorld(
  topicNames: readonly string[],
  options: { deadlineMs?: number; partitionCount?: number; sending?: boolean } = {},
) {
  const tools: EventTools = await eventTools(topicNames, options.partitionCount ?? 2);
  const { temporalAddress, temporalUiUrl } = inject('servers');
  const taskQueuePrefix = `subs-${randomUUID()}-`;
  const temporal = openTemporal({
    address: temporalAddress,
    namespace: 'default',
    taskQueuePrefix,
    uiUrl: temporalUiUrl,
  });
  const hosts: string[] = [];
  const config = loadConfig({
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TASK_QUEUE_PREFIX: taskQueuePrefix,
  });
  const activities = createWebhookActivities({
    ...tools,
    rules: { allowedHosts: hosts, deadlineMs: options.deadlineMs ?? 5_000 },
    secretKey: () => Promise.resolve(secretKey),
  });
  const dispatcher = startDispatcher({ ...tools, temporal, reloadMs: 100 });
  const deps = { config, log: tools.log };
  const stories = await startQueueWorkers(deps, [
    { name: taskQueues.events, bundle: 'events', activities: {} },
  ]);
  const running: Running[] = [dispatcher, stories];
  const startSending = async (): Promise<void> => {
    running.push(await startQueueWorkers(deps, [{ name: taskQueues.webhooks, activities }]));
  };
  if (options.sending !== false) await startSending();
  afterAll(async () => {
    await Promise.all(running.map((part) => part.stop()));
    await temporal.close();
  });
  await client(tools, 'studio', ['*']);
  return {
    ...tools,
    temporal,
    hosts,
    taskQueuePrefix,
    startSending,
    subscribe: (wanted: Partial<NewSubscription>) => subscribe(tools, wanted),
    deliveries: async (subscriptionId: string) =>
      (await listDeliveries(tools.db, subscriptionId, { limit: 100 })).toReversed(),
  };
}

/** A key of a client's, to be revoked by whoever wants to. */
export async function client(
  { db }: Pick<EventTools, 'db'>,
  clientId: string,
  read: string[],
): Promise<string> {
  const id = randomUUID();
  await createApiKey(db, {
    id,
    clientId,
    hash: randomUUID(),
    prefix: 'test_sk_',
    scopes: ['subscriptions:write'],
    topics: { publish: [], read },
  });
  return id;
}

export async function subscribe(
  { db }: Pick<EventTools, 'db'>,
  wanted: Partial<NewSubscription>,
): Promise<{ subscriptionId: string; secret: string }> {
  const subscriptionId = randomUUID();
  const secretId = randomUUID();
  await db.transaction((tx) =>
    createSubscription(tx, {
      description: '',
      topicPattern: 'game.match',
      types: [],
      filter: {},
      method: 'webhook',
      url: null,
      targetTopic: null,
      retryCountMax: 3,
      retryDelayMs: 100,
      ratePerMinute: null,
      batchEventsMax: 1,
      batchWaitMsMax: 0,
      ackRequired: true,
      startsAt: null,
      clientId: 'studio',
      actor: 'test',
      ...wanted,
      subscriptionId,
      secretId,
    }),
  );
  return { subscriptionId, secret: secretOf(secretId) };
}
