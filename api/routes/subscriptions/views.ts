import type { Delivery } from '../../../store/subscriptions/deliveries.ts';
import type { Subscription } from '../../../store/subscriptions/types.ts';
import { workflowIds } from '../../../workflows/messages.ts';
import type { Client } from '../../auth/policy.ts';
import type { Services } from '../../deps.ts';

/** Whose subscriptions a key sees: its client's, or everybody's when it may read every topic. */
export const visibleTo = ({ clientId, topics }: Client): string | null =>
  topics.read.includes('*') ? null : clientId;

export function viewOf({ temporal }: Services, subscription: Subscription) {
  const { retryCountMax, batchEventsMax, batchWaitMsMax, ...shown } = subscription;
  const workflowId =
    subscription.method === 'sse' ? null : workflowIds.webhookDelivery(subscription.subscriptionId);
  return {
    subscriptionId: shown.subscriptionId,
    clientId: shown.clientId,
    description: shown.description,
    topicPattern: shown.topicPattern,
    types: shown.types,
    filter: shown.filter,
    method: shown.method,
    url: shown.url,
    targetTopic: shown.targetTopic,
    maxRetries: retryCountMax,
    retryDelayMs: shown.retryDelayMs,
    ratePerMinute: shown.ratePerMinute,
    batching: { maxEvents: batchEventsMax, maxWaitMs: batchWaitMsMax },
    ackRequired: shown.ackRequired,
    startsAt: shown.startsAt.toISOString(),
    state: shown.state,
    stateReason: shown.stateReason,
    createdAt: shown.createdAt.toISOString(),
    updatedAt: shown.updatedAt.toISOString(),
    workflowId,
    workflowUrl: workflowId === null ? null : temporal.workflowUrl(workflowId),
  };
}

export const viewOfDelivery = (delivery: Delivery) => ({
  deliveryId: delivery.deliveryId,
  kind: delivery.kind,
  state: delivery.state,
  attempts: delivery.attempts,
  eventIds: delivery.eventIds,
  responseCode: delivery.responseCode,
  durationMs: delivery.durationMs,
  error: delivery.error,
  nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
  lastAttemptAt: delivery.lastAttemptAt?.toISOString() ?? null,
  endedAt: delivery.endedAt?.toISOString() ?? null,
  createdAt: delivery.createdAt.toISOString(),
});
