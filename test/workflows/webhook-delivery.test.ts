import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeliverReply, WebhookActivities } from '../../activities/webhooks/types.ts';
import {
  eventsQueued,
  searchKeys,
  subscriptionChanged,
  webhookDeliveryStart,
} from '../../workflows/messages.ts';
import type { WebhookDeliveryInput, WebhookDeliveryResult } from '../../workflows/messages.ts';
import { failing } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld, tookMs, untilDetails } from './world.ts';

const world = timeSkippingWorld('events', [], { name: 'events', others: { webhooks: ['deliverWaiting'] } });

const reply = (next: DeliverReply['next'], more: Partial<DeliverReply> = {}): DeliverReply => ({
  deliveredCount: 0,
  givenUpCount: 0,
  failure: null,
  receiver: 'hooks.example.com',
  next,
  ...more,
});
const idle = reply({ status: 'idle' });

/** Answers one after another, the last one for ever; `when` is called with how many were given before. */
function answering(answers: readonly DeliverReply[], when: (count: number) => unknown = () => {}) {
  const given = { count: 0 };
  const activities: WebhookActivities = {
    async deliverWaiting() {
      const count = given.count++;
      await when(count);
      return answers[Math.min(count, answers.length - 1)]!;
    },
  };
  return { given, activities };
}

const start = (taskQueue: string) =>
  world.env.client.workflow.start<(input: WebhookDeliveryInput) => Promise<WebhookDeliveryResult>>(
    'webhookDelivery',
    { ...webhookDeliveryStart(randomUUID()), taskQueue },
  );

test('delivers burst after burst, and ends when there was nothing to do for a while', async () => {
  const more = reply({ status: 'more' }, { deliveredCount: 100 });
  const { given, activities } = answering([more, more, { ...idle, deliveredCount: 3 }]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({ status: 'idle', deliveredCount: 203 });
    await world.keep('webhook-delivered', handle);
    expect(given.count).toBe(3);
    expect(await tookMs(handle)).toBeGreaterThanOrEqual(60_000);
    const details = await detailsOf(handle);
    expect(details).toContain('### Deliveries to `hooks.example.com`');
    expect(details).toContain('203 messages delivered');
    expect(details).toContain('there was nothing more to deliver');
    const { typedSearchAttributes, staticSummary } = await handle.describe().then(async (description) => ({
      typedSearchAttributes: description.typedSearchAttributes,
      staticSummary: await description.staticSummary(),
    }));
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
    expect(staticSummary).toMatch(/^Deliveries to subscription /);
  });
});

test('a failed message waits as long as the answer says, however much is queued meanwhile', async () => {
  const failed = reply(
    { status: 'wait', why: 'retry', waitMs: 600_000 },
    { failure: 'the receiver answered 500' },
  );
  const { given, activities } = answering([failed, idle]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    const details = await untilDetails(handle, 'waits before the failed message is sent again');
    expect(details).toContain('last failure: the receiver answered 500');
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('waiting');
    await handle.signal(eventsQueued);
    await handle.result();
    await world.keep('webhook-retried', handle);
    expect(given.count).toBe(2);
    expect(await tookMs(handle)).toBeGreaterThanOrEqual(660_000);
  });
});

test('a change ends the wait for a retry', async () => {
  const { given, activities } = answering([reply({ status: 'wait', why: 'retry', waitMs: 3_600_000 }), idle]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    await untilDetails(handle, 'waits before the failed message');
    await handle.signal(subscriptionChanged);
    await handle.result();
    await world.keep('webhook-changed', handle);
    expect(given.count).toBe(2);
    expect(await tookMs(handle)).toBeLessThan(3_600_000);
  });
});

test('the rate is waited for; a batch only until it is told of more', async () => {
  const answers = [
    reply({ status: 'wait', why: 'rate', waitMs: 30_000 }),
    reply({ status: 'wait', why: 'batch', waitMs: 3_600_000 }),
    idle,
  ];
  const { given, activities } = answering(answers);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    while (given.count < 2) {
      await world.env.sleep(30_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await untilDetails(handle, 'waits for a batch to fill');
    await handle.signal(eventsQueued);
    await handle.result();
    await world.keep('webhook-rate-and-batch', handle);
    expect(given.count).toBe(3);
  });
});

test('a signal while the last look is under way is looked after before the story ends', async () => {
  let handle: Awaited<ReturnType<typeof start>> | undefined;
  const started = Promise.withResolvers<void>();
  const paused = reply({ status: 'paused' });
  const { given, activities } = answering([paused], async (count) => {
    if (count > 0) return;
    await started.promise;
    await handle?.signal(subscriptionChanged);
  });
  await world.withActivities(activities, async (taskQueue) => {
    handle = await start(taskQueue);
    started.resolve();
    expect(await handle.result()).toEqual({ status: 'paused', deliveredCount: 0 });
    await world.keep('webhook-paused', handle);
    expect(given.count).toBe(2);
  });
});

test('a disabled subscription ends the story with its reason', async () => {
  const disabled = reply({ status: 'disabled', reason: 'five in a row' }, { givenUpCount: 1 });
  const { activities } = answering([disabled]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ status: 'disabled' });
    await world.keep('webhook-disabled', handle);
    expect(await detailsOf(handle)).toContain('the subscription is **disabled**: five in a row');
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('failed');
  });
});

test('a subscription that is gone ends it', async () => {
  const { activities } = answering([reply({ status: 'gone' }, { receiver: null })]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({ status: 'gone', deliveredCount: 0 });
    await world.keep('webhook-gone', handle);
    expect(await detailsOf(handle)).toContain('### Deliveries to `nobody`');
  });
});

test('a database that is away is waited for', async () => {
  const { activities } = answering([idle]);
  const deliverWaiting = failing(4, idle);
  await world.withActivities({ ...activities, deliverWaiting }, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({ status: 'idle', deliveredCount: 0 });
    await world.keep('webhook-stalled', handle);
  });
});

test('a run that has grown long goes on as another, and counts on', async () => {
  const more = reply({ status: 'more' }, { deliveredCount: 1 });
  const { given, activities } = answering([...Array.from({ length: 101 }, () => more), idle]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({ status: 'idle', deliveredCount: 101 });
    await world.keep('webhook-continued', handle);
    expect(given.count).toBe(102);
  });
});
