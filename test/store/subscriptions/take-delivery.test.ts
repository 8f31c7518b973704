import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createApiKey } from '../../../store/api-keys/create-api-key.ts';
import { createOwnTopic } from '../../../store/own-topics/create-own-topic.ts';
import { createSubscription } from '../../../store/subscriptions/create-subscription.ts';
import type { NewSubscription } from '../../../store/subscriptions/create-subscription.ts';
import { findDelivery, queuePing, redeliver } from '../../../store/subscriptions/deliveries.ts';
import { endAttempt } from '../../../store/subscriptions/end-attempt.ts';
import { pruneSubscriptions } from '../../../store/subscriptions/prune-subscriptions.ts';
import { readDispatched } from '../../../store/subscriptions/dispatch.ts';
import { queueEvents } from '../../../store/subscriptions/queue-events.ts';
import { isQueueFull, waitingCountMax } from '../../../store/subscriptions/queue-limit.ts';
import { takeDelivery } from '../../../store/subscriptions/take-delivery.ts';
import type { Message } from '../../../store/subscriptions/take-delivery.ts';
import { testDatabase } from '../../support/database.ts';

const { db } = await testDatabase();

async function subscribed(wanted: Partial<NewSubscription> = {}) {
  const subscriptionId = randomUUID();
  const clientId = `client-${subscriptionId.slice(0, 8)}`;
  const settings = {
    description: '',
    topicPattern: 'game.*',
    types: [],
    filter: {},
    method: 'webhook' as const,
    url: 'https://hooks.example/secret-path?token=hidden',
    targetTopic: null,
    retryCountMax: 0,
    retryDelayMs: 100,
    ratePerMinute: null,
    batchEventsMax: 10,
    batchWaitMsMax: 0,
    ackRequired: true,
    startsAt: null,
    secretId: randomUUID(),
    actor: 'test',
    ...wanted,
    subscriptionId,
    clientId,
  };
  const create = () => db.transaction((tx) => createSubscription(tx, settings));
  await create();
  return {
    subscriptionId,
    clientId,
    create,
    change: { subscriptionId, clientId, actor: 'test' },
    take: () => db.transaction((tx) => takeDelivery(tx, subscriptionId)),
    async mayRead(...read: string[]) {
      await db.query('UPDATE api_keys SET revoked_at = now() WHERE client_id = $1', [clientId]);
      const topics = { publish: [], read };
      const hash = randomUUID();
      const key = { id: randomUUID(), clientId, hash, prefix: 'test_sk_', scopes: [], topics };
      await createApiKey(db, key);
    },
    queue: (...topics: string[]) =>
      db.transaction((tx) =>
        queueEvents(
          tx,
          topics.map((topic, index) => ({
            subscriptionId,
            source: '/test',
            eventId: randomUUID(),
            type: 'game.happened.v1',
            position: { topic, partition: 0, offset: BigInt(index) },
            event: JSON.stringify({ topic }),
          })),
        ),
      ),
    end: (message: Message, outcome: 'delivered' | 'failed', retryInMs: number | null = null) =>
      db.transaction((tx) =>
        endAttempt(
          tx,
          { ...message, subscriptionId },
          { outcome, responseCode: 200, durationMs: 1, error: null },
          { retryInMs },
        ),
      ),
  };
}

type Subscribed = Awaited<ReturnType<typeof subscribed>>;

async function sent({ take }: Subscribed): Promise<Message> {
  const step = await take();
  if (step.status !== 'send') throw new Error(`nothing to send: ${step.status}`);
  return step.message;
}

test('of a message that was made before a permission ended, what may be told still goes, as another', async () => {
  const one = await subscribed();
  await one.mayRead('game.*');
  await one.queue('game.match', 'game.player');
  const before = await sent(one);
  expect(before.events).toHaveLength(2);
  await one.end(before, 'failed', 0);
  await one.mayRead('game.player');
  const after = await sent(one);
  expect(after.events.map(({ event }) => event)).toEqual(['{"topic":"game.player"}']);
  expect(after.deliveryId).not.toBe(before.deliveryId);
  expect(await findDelivery(db, one.subscriptionId, before.deliveryId)).toMatchObject({ state: 'failed' });
  const again = db.transaction((tx) => redeliver(tx, one.change, before.deliveryId));
  await expect(again).rejects.toMatchObject({ code: 'delivery_closed' });
});

test('an attempt that another has followed changes nothing', async () => {
  const one = await subscribed();
  await one.mayRead('*');
  await one.queue('game.match');
  const stale = await sent(one);
  const next = await sent(one);
  expect([next.deliveryId, next.attempt]).toEqual([stale.deliveryId, 2]);
  expect((await one.end(stale, 'failed', 0)).isStale).toBe(true);
  expect((await one.end(next, 'delivered')).isStale).toBe(false);
  expect((await one.end(stale, 'failed', 0)).isStale).toBe(true);
  expect(await findDelivery(db, one.subscriptionId, stale.deliveryId)).toMatchObject({ state: 'delivered' });
  expect((await one.take()).status).toBe('idle');
});

test('a failed message keeps its events as long as it is in the log', async () => {
  const one = await subscribed();
  await one.mayRead('*');
  await one.queue('game.match');
  const { deliveryId, ...message } = await sent(one);
  await one.end({ deliveryId, ...message }, 'failed');
  await db.query(`UPDATE subscription_events SET created_at = now() - interval '30 days'`);
  await pruneSubscriptions(db, 7 * 86_400_000);
  await db.transaction((tx) => redeliver(tx, one.change, deliveryId));
  const again = await sent(one);
  expect([again.deliveryId, again.events[0]?.event]).toEqual([deliveryId, '{"topic":"game.match"}']);
  await one.end(again, 'failed');
  // gone all the same: then nothing is sent under its name
  await db.query('DELETE FROM subscription_events WHERE delivery_id = $1', [deliveryId]);
  const empty = db.transaction((tx) => redeliver(tx, one.change, deliveryId));
  await expect(empty).rejects.toMatchObject({ code: 'delivery_closed' });
});

test('a target topic that is another’s by now gets nothing, and the subscription is disabled', async () => {
  const targetTopic = `shop.t${randomUUID().slice(0, 8)}`;
  const one = await subscribed({ method: 'kafka', url: null, targetTopic });
  await one.mayRead('*');
  await db.transaction((tx) =>
    createOwnTopic(tx, {
      name: targetTopic,
      description: '',
      partitionCount: 1,
      retentionMs: 86_400_000,
      category: 'analytics',
      ownerClientId: one.clientId,
      classification: 'internal',
      deadLetters: false,
      recordBytesMax: 1_048_576,
    }),
  );
  await one.queue('game.match');
  await one.end(await sent(one), 'delivered');
  await db.query(`UPDATE own_topics SET owner_client_id = 'another' WHERE name = $1`, [targetTopic]);
  const ping = { deliveryId: randomUUID(), eventId: randomUUID(), body: '{}' };
  await db.transaction((tx) => queuePing(tx, one.change, ping));
  await one.queue('game.match');
  expect(await one.take()).toMatchObject({
    status: 'disabled',
    subscription: { stateReason: 'its target is not a topic of its client any more' },
  });
  expect(await findDelivery(db, one.subscriptionId, ping.deliveryId)).toMatchObject({ state: 'failed' });
});

test('a create that is repeated after the subscription was deleted says so', async () => {
  const one = await subscribed();
  await db.query('UPDATE subscriptions SET deleted_at = now() WHERE id = $1', [one.subscriptionId]);
  await expect(one.create()).rejects.toMatchObject({ code: 'not_found' });
});

test('the audit trail tells receivers apart without their URLs, and of pings', async () => {
  const one = await subscribed();
  const ping = { deliveryId: randomUUID(), eventId: randomUUID(), body: '{}' };
  await db.transaction((tx) => queuePing(tx, one.change, ping));
  await db.transaction((tx) => queuePing(tx, one.change, ping));
  const { rows } = await db.query<{ action: string; detail: Record<string, unknown> }>(
    'SELECT action, detail FROM audit_entries WHERE target = $1 ORDER BY id',
    [`subscription:${one.subscriptionId}`],
  );
  expect(rows.map(({ action }) => action)).toEqual(['subscription.created', 'subscription.pinged']);
  expect(rows[0]?.detail).toMatchObject({
    urlOrigin: 'https://hooks.example',
    urlSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(JSON.stringify(rows)).not.toMatch(/secret-path|hidden/);
});

test('a queue is full by count and by bytes, and half of it has to go before it takes more', async () => {
  const { subscriptionId } = await subscribed();
  const fill = async () => {
    const all = await readDispatched(db);
    const one = all.find((subscription) => subscription.subscriptionId === subscriptionId);
    return [one?.isFull, one?.isHalfFull, await isQueueFull(db, subscriptionId)];
  };
  const put = (count: number, bytes: number, more: string) =>
    db.query(
      `INSERT INTO subscription_events (subscription_id, seq, source, event_id, type, event)
       SELECT $1, n, $3, n::text, 'x', repeat('x', $2) FROM generate_series($4::int, $4::int + $5::int - 1) AS n`,
      [subscriptionId, bytes, more, more === 'few' ? 1 : 1_000, count],
    );
  expect(await fill()).toEqual([false, false, false]);
  await put(33, 1_048_576, 'few');
  expect(await fill()).toEqual([false, true, false]);
  await put(32, 1_048_576, 'more');
  expect(await fill()).toEqual([true, true, true]);
  await db.query(
    `UPDATE subscription_events SET state = 'delivered' WHERE subscription_id = $1 AND source = 'more'`,
    [subscriptionId],
  );
  expect(await fill()).toEqual([false, true, false]);
  await db.query('DELETE FROM subscription_events WHERE subscription_id = $1', [subscriptionId]);
  await put(waitingCountMax / 2 + 1, 1, 'few');
  expect(await fill()).toEqual([false, true, false]);
  await db.query('DELETE FROM subscription_events WHERE subscription_id = $1', [subscriptionId]);
  await put(waitingCountMax + 1, 1, 'few');
  expect(await fill()).toEqual([true, true, true]);
});
