import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeliverReply, WebhookActivities } from '../activities/webhooks/types.ts';
import { setStatus, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { eventsQueued, subscriptionChanged, taskQueues } from './messages.ts';
import type { WebhookDeliveryInput, WebhookDeliveryResult } from './messages.ts';
import { deliverStep, webhookLingerMs } from './timeouts.ts';

/** Some thousand events of history per run. */
const burstCountMax = 100;

/**
 * Brings one subscriber's events to it, in order, one message at a time. What waits, what is tried again and when, is rows:
 * the story asks for a burst, waits as long as the answer says, and ends when there is nothing to do. A signal after its
 * last look keeps it; one after its end starts the next.
 */
export async function webhookDelivery({
  subscriptionId,
  deliveredCount: before = 0,
}: WebhookDeliveryInput): Promise<WebhookDeliveryResult> {
  const tale = tell(`Deliveries to [\`${subscriptionId}\`](/v1/subscriptions/${subscriptionId}/deliveries)`);
  const heard = { queued: false, changed: false };
  setHandler(eventsQueued, () => void (heard.queued = true));
  setHandler(subscriptionChanged, () => void (heard.changed = true));
  const { deliverWaiting } = sending();
  let deliveredCount = before;

  for (let burstCount = 1; ; burstCount++) {
    setStatus('running');
    heard.queued = heard.changed = false;
    const reply = await deliverWaiting.executeWithOptions({ summary: 'Deliver what waits, in order' }, [
      { subscriptionId },
    ]);
    deliveredCount += reply.deliveredCount;
    report(tale, reply, deliveredCount);
    const end = await rest(tale, heard, reply);
    if (end !== 'go on') {
      setStatus(end === 'disabled' ? 'failed' : 'completed');
      await condition(allHandlersFinished);
      return { status: end, deliveredCount };
    }
    if (burstCount >= burstCountMax || workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof webhookDelivery>({ subscriptionId, deliveredCount });
  }
}

/** Sending has a queue of its own, so that receivers that hang hold up nothing but each other's turn. */
function sending() {
  const { taskQueue } = workflowInfo();
  const prefix = taskQueue.endsWith(taskQueues.events)
    ? taskQueue.slice(0, -taskQueues.events.length)
    : taskQueue;
  return proxyActivities<WebhookActivities>({ ...deliverStep, taskQueue: prefix + taskQueues.webhooks });
}

type Heard = { queued: boolean; changed: boolean };

/** Waits as long as there is reason to; answers whether, and as what, the story is over. */
async function rest(
  tale: Tale,
  heard: Heard,
  { next }: DeliverReply,
): Promise<'go on' | WebhookDeliveryResult['status']> {
  const toldMore = () => heard.queued || heard.changed;
  switch (next.status) {
    case 'more':
      return 'go on';
    case 'wait': {
      setStatus('waiting');
      tale.now(`${waits[next.why]} until ${timeIn(next.waitMs)}`);
      const wakes = next.why === 'batch' ? toldMore : () => heard.changed;
      await condition(wakes, next.waitMs, { summary: waits[next.why] });
      return 'go on';
    }
    case 'idle':
      setStatus('waiting');
      tale.now(`nothing waits; the story ends at ${timeIn(webhookLingerMs)} unless there is more by then`);
      if (await condition(toldMore, webhookLingerMs, { summary: 'More to deliver' })) return 'go on';
      tale.happened('there was nothing more to deliver');
      break;
    case 'paused':
      tale.happened('the subscription is paused; what comes is kept until it goes on');
      break;
    case 'disabled':
      tale.happened(`the subscription is **disabled**: ${next.reason}`);
      break;
    case 'gone':
      tale.happened('the subscription is gone');
      break;
    default:
      return next satisfies never;
  }
  // said while the answer was on its way: it may be about what the answer does not know yet
  return toldMore() ? 'go on' : next.status;
}

const waits = {
  retry: 'waits before the failed message is sent again',
  rate: 'waits for the rate that the subscriber takes',
  batch: 'waits for a batch to fill',
} as const;

function report(tale: Tale, { receiver, failure, givenUpCount }: DeliverReply, deliveredCount: number): void {
  tale.about(
    `Deliveries to \`${receiver ?? 'nobody'}\``,
    [
      `${deliveredCount} message${deliveredCount === 1 ? '' : 's'} delivered`,
      ...(givenUpCount === 0 ? [] : [`${givenUpCount} given up at last`]),
      ...(failure === null ? [] : [`last failure: ${failure}`]),
    ].join(' · '),
  );
}
