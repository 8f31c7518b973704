import { isLootError } from '../../../domain/errors.ts';
import type { Subscription } from '../../../store/subscriptions/types.ts';
import { subscriptionChanged, taskQueues, webhookDeliveryStart } from '../../../workflows/messages.ts';
import { callTemporal } from '../../call-temporal.ts';
import type { Services } from '../../deps.ts';

/**
 * Starts or wakes the story that delivers. What it is to do is written already, and the dispatcher finds it within seconds,
 * so a Temporal that is away fails nothing.
 */
export async function tellStory(
  deps: Services,
  { subscriptionId, method }: Pick<Subscription, 'subscriptionId' | 'method'>,
): Promise<void> {
  if (method === 'sse') return;
  const start = webhookDeliveryStart(subscriptionId);
  const taskQueue = deps.temporal.taskQueue(taskQueues.events);
  try {
    await callTemporal(deps, ({ workflow }) =>
      workflow.signalWithStart('webhookDelivery', {
        ...start,
        taskQueue,
        signal: subscriptionChanged,
        signalArgs: [],
      }),
    );
  } catch (error) {
    const reason = isLootError(error) ? error.code : String(error);
    deps.log.warn({ subscriptionId, reason }, 'a subscription hears of its change later');
  }
}
