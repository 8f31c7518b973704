import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Broker } from '../../events/kafka/broker.ts';
import { copyToTopic, isRefusedCopy } from '../../events/subscriptions/copy-to-topic.ts';
import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { PostRules } from '../../platform/safe-fetch/safe-post.ts';
import type { Db } from '../../store/db.ts';
import { endAttempt } from '../../store/subscriptions/end-attempt.ts';
import { takeDelivery } from '../../store/subscriptions/take-delivery.ts';
import type { Message, Step } from '../../store/subscriptions/take-delivery.ts';
import type { Subscription } from '../../store/subscriptions/types.ts';
import { orFailure } from '../failures.ts';
import { afterFailure } from './after-failure.ts';
import { postWebhook } from './post-webhook.ts';
import type { Sent } from './post-webhook.ts';
import type { DeliverReply, WebhookActivities } from './types.ts';

export type WebhookDeps = {
  db: Db;
  broker: Broker;
  log: Log;
  metrics: Metrics;
  crash: CrashPoints;
  rules: PostRules;
  /** The key that secrets are derived from. */
  secretKey: () => Promise<Uint8Array>;
};

/** A burst ends after so many messages or so long, for the story to tell how far it has come. */
const burstCountMax = 100;
const burstMsMax = 20_000;
const beatMs = 1_000;

/** Served on task queue `webhooks`, by many slots: most of an attempt is waiting for the receiver. */
export function createWebhookActivities(deps: WebhookDeps): WebhookActivities {
  return {
    deliverWaiting: ({ subscriptionId }) =>
      orFailure(async () => {
        const timer = setInterval(() => heartbeat(), beatMs);
        try {
          return await deliverBurst(deps, subscriptionId);
        } finally {
          clearInterval(timer);
        }
      }),
  };
}

async function deliverBurst(deps: WebhookDeps, subscriptionId: string): Promise<DeliverReply> {
  const endsAtMs = performance.now() + burstMsMax;
  const told = { deliveredCount: 0, givenUpCount: 0, failure: null as string | null };
  for (let count = 0; ; count++) {
    // the server has missed our heartbeats, or we end: another worker goes on
    if (cancellationSignal().aborted) return { ...told, receiver: null, next: { status: 'more' } };
    const step = await deps.db.transaction((tx) => takeDelivery(tx, subscriptionId));
    const receiver = 'subscription' in step ? receiverOf(step.subscription) : null;
    if (step.status !== 'send') return { ...told, receiver, next: nextOf(step) };
    const { sent, over, isStale, disabled } = await attempt(deps, step.subscription, step.message);
    if (isStale) return { ...told, receiver, next: { status: 'more' } };
    if (sent.outcome === 'delivered') told.deliveredCount += 1;
    else {
      told.failure = sent.error;
      if (over) told.givenUpCount += 1;
    }
    if (disabled !== null) return { ...told, receiver, next: { status: 'disabled', reason: disabled } };
    if (count + 1 >= burstCountMax || performance.now() > endsAtMs)
      return { ...told, receiver, next: { status: 'more' } };
  }
}

async function attempt(deps: WebhookDeps, subscription: Subscription, message: Message) {
  const { db, crash, metrics, log } = deps;
  const { subscriptionId, method } = subscription;
  const startedAtMs = performance.now();
  const sent = await send(deps, subscription, message);
  const durationMs = performance.now() - startedAtMs;
  crash('after-webhook-before-mark');
  const after = afterFailure(subscription, message, sent);
  const over = sent.outcome === 'delivered' || after.retryInMs === null;
  const { isStale, disabled } = await db.transaction((tx) =>
    endAttempt(tx, { ...message, subscriptionId }, { ...sent, durationMs }, after),
  );
  const outcome = isStale
    ? 'stale'
    : sent.outcome === 'delivered'
      ? 'delivered'
      : over
        ? 'given_up'
        : 'retry';
  metrics.webhookDeliveries.inc({ method, outcome });
  metrics.webhookDuration.observe({ method }, durationMs / 1_000);
  const { deliveryId, attempt: number } = message;
  const line = { subscriptionId, deliveryId, attempt: number, eventCount: message.events.length };
  log[sent.outcome === 'delivered' ? 'info' : 'warn'](
    {
      ...line,
      outcome,
      responseCode: sent.responseCode,
      durationMs: Math.round(durationMs),
      reason: sent.error,
    },
    'delivery',
  );
  if (disabled !== null) log.warn({ subscriptionId, reason: disabled }, 'a subscription was disabled');
  return { sent, over, isStale, disabled };
}

async function send(deps: WebhookDeps, subscription: Subscription, message: Message): Promise<Sent> {
  if (subscription.method !== 'kafka') return postWebhook(deps, subscription, message);
  try {
    await copyToTopic(deps.broker, subscription, message);
    return { outcome: 'delivered', responseCode: null, error: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isOutage = !isRefusedCopy(error);
    return { outcome: 'failed', responseCode: null, error: `Kafka: ${reason}`, isOutage };
  }
}

function nextOf(step: Exclude<Step, { status: 'send' }>): DeliverReply['next'] {
  switch (step.status) {
    case 'disabled':
      return { status: 'disabled', reason: step.subscription.stateReason ?? 'unknown' };
    case 'wait':
      return { status: 'wait', why: step.why, waitMs: step.waitMs };
    default:
      return { status: step.status };
  }
}

/** Without the path, which may hold what nobody else should read. */
const receiverOf = ({ url, targetTopic }: Subscription): string =>
  url === null ? (targetTopic ?? 'nobody') : new URL(url).host;
