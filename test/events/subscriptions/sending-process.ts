import { createWebhookActivities } from '../../../activities/webhooks/webhook-activities.ts';
import { createBroker } from '../../../events/kafkajs/broker.ts';
import { loadConfig } from '../../../platform/config.ts';
import { createCrashPoints } from '../../../platform/crash-points.ts';
import { createLog } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/metrics.ts';
import { openDb } from '../../../store/db.ts';
import { startQueueWorkers } from '../../../workers/queue-worker.ts';
import { taskQueues } from '../../../workflows/messages.ts';

/** Senders as a process of their own, for a test that kills it at a named point. */
export type SendingOptions = {
  url: string;
  brokers: readonly string[];
  prefix: string;
  temporalAddress: string;
  taskQueuePrefix: string;
  allowedHosts: readonly string[];
  crashPoint: string;
};

const options = JSON.parse(process.argv[2] ?? '') as SendingOptions;
const log = createLog('sender', 'silent');
const activities = createWebhookActivities({
  db: openDb({ url: options.url, connectionCountMax: 5 }),
  broker: createBroker({ brokers: options.brokers, clientId: 'sender', prefix: options.prefix, log }),
  log,
  metrics: createMetrics(),
  crash: createCrashPoints(options.crashPoint),
  rules: { allowedHosts: options.allowedHosts },
  secretKey: () => Promise.resolve(new Uint8Array(32).fill(7)),
});
const config = loadConfig({
  TEMPORAL_ADDRESS: options.temporalAddress,
  TEMPORAL_TASK_QUEUE_PREFIX: options.taskQueuePrefix,
});
await startQueueWorkers({ config, log }, [{ name: taskQueues.webhooks, activities }]);
