import { randomBytes, randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import type { DeliverReply } from '../../../activities/webhooks/types.ts';
import { createWebhookActivities } from '../../../activities/webhooks/webhook-activities.ts';
import { createInKafka } from '../../../events/catalogue/own-topics.ts';
import { createBroker } from '../../../events/kafkajs/broker.ts';
import type { Broker } from '../../../events/kafka/broker.ts';
import { ensureTopics } from '../../../events/kafka/admin.ts';
import { copyToTopic } from '../../../events/subscriptions/copy-to-topic.ts';
import { createOwnTopic } from '../../../store/own-topics/create-own-topic.ts';
import { listDeliveries } from '../../../store/subscriptions/deliveries.ts';
import { queueEvents } from '../../../store/subscriptions/queue-events.ts';
import { eventTools, readTopic } from '../support.ts';
import { client, subscribe } from './world.ts';

const tools = await eventTools([]);
const { db, broker, log } = tools;
await client(tools, 'studio', ['*']);

/** As `POST /v1/topics` makes it, where records of `recordBytesMax` may be published. */
async function ownTopic(): Promise<string> {
  const name = `copies.c${randomUUID().slice(0, 8)}`;
  const topic = {
    name,
    description: '',
    partitionCount: 1,
    retentionMs: 86_400_000,
    category: 'analytics',
    ownerClientId: 'studio',
    classification: 'internal',
    deadLetters: false,
    recordBytesMax: 1_048_576,
  } as const;
  await createInKafka(broker, await db.transaction((tx) => createOwnTopic(tx, topic)), 1);
  return name;
}

const recordOf = (value: Buffer) => ({ event: null, key: Buffer.from('k'), value, headers: { ce_id: 'x' } });
/** About what an event of ours has. */
const headers = { ce_id: randomUUID(), ce_subject: 'x'.repeat(360) };

test('a full message of events with keys and headers arrives whole and in order', async () => {
  const targetTopic = await ownTopic();
  // that do not shrink on the way
  const values = Array.from({ length: 500 }, () => randomBytes(1_800));
  const events = values.map((value) => ({ ...recordOf(value), headers }));
  await copyToTopic(broker, { subscriptionId: randomUUID(), targetTopic }, { body: null, events });
  expect((await readTopic(broker, targetTopic)).map(({ value }) => value)).toEqual(values);
});

test('the largest record that Kafka takes of a source has room in a topic for copies', async () => {
  const [source, targetTopic] = [`largest.s${randomUUID().slice(0, 8)}`, await ownTopic()];
  const size = { name: source, partitionCount: 1, retentionMs: 86_400_000, recordBytesMax: 1_048_576 };
  await ensureTopics(broker, { replicationCount: 1, topics: [size] });
  const send = (value: Buffer) =>
    broker.send(
      [{ topic: source, key: Buffer.from('k'), headers: { ce_id: Buffer.from('x') }, value }],
      10_000,
    );
  const value = randomBytes(1_048_495);
  await send(value);
  await expect(send(randomBytes(value.length + 1))).rejects.toThrow('MESSAGE_TOO_LARGE');
  const message = { body: null, events: [recordOf(value)] };
  await copyToTopic(broker, { subscriptionId: randomUUID(), targetTopic }, message);
  expect((await readTopic(broker, targetTopic)).map((record) => record.value?.length)).toEqual([
    value.length,
  ]);
});

test('while Kafka is away nobody has failed: the message waits, and goes when it is back', async () => {
  const targetTopic = await ownTopic();
  const wanted = { method: 'kafka', targetTopic, retryCountMax: 0 } as const;
  const { subscriptionId } = await subscribe(tools, wanted);
  const about = { subscriptionId, source: '/s', eventId: 'e', type: 't.t.t.v1', event: null };
  const record = { key: null, value: Buffer.from('{}'), headers: {} };
  await db.transaction((tx) => queueEvents(tx, [{ ...about, record }]));
  const deliver = (through: Broker): Promise<DeliverReply> => {
    const rules = { allowedHosts: [], deadlineMs: 1_000 };
    const deps = { ...tools, broker: through, rules, secretKey: () => Promise.resolve(new Uint8Array(32)) };
    const { deliverWaiting } = createWebhookActivities(deps);
    return new MockActivityEnvironment().run(deliverWaiting, { subscriptionId }) as Promise<DeliverReply>;
  };
  const away = createBroker({ brokers: ['127.0.0.1:1'], clientId: 'test', prefix: 'x.', log });
  expect((await deliver(away)).next).toMatchObject({ status: 'wait', why: 'retry' });
  await away.close();
  const deliveries = () => listDeliveries(db, subscriptionId, { limit: 10 });
  expect(await deliveries()).toMatchObject([{ state: 'pending', attempts: 0 }]);
  await db.query('UPDATE deliveries SET next_attempt_at = now()');
  expect((await deliver(broker)).next).toEqual({ status: 'idle' });
  expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1 }]);
  expect(await readTopic(broker, targetTopic)).toHaveLength(1);
});
