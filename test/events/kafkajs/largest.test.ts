import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import { BrokerRefusal } from '../../../events/kafka/broker.ts';
import type { OutgoingMessage } from '../../../events/kafka/broker.ts';
import type { EventHandler } from '../../../events/consumer/handler.ts';
import { findTopic } from '../../../events/catalogue/topics.ts';
import { eventTools, eventually, readTopic, relayFor } from '../support.ts';

const tools = await eventTools(['market.listing']);
const limit = findTopic('market.listing')?.recordBytesMax ?? 0;

test('the largest message a topic takes travels to its dead letters, whole', async () => {
  const sized = (topic: string, byteCount: number): OutgoingMessage => ({
    topic,
    key: Buffer.from('listing-1'),
    value: Buffer.alloc(byteCount, 0xfe),
    headers: {
      ce_id: Buffer.from('0198c5f0-7a2e-7b3c-9d4e-5f6071829304'),
      ce_type: Buffer.from('market.listing.placed.v1'),
      ce_source: Buffer.from('/lootledger/test'),
      ce_time: Buffer.from(new Date().toISOString()),
      many: [Buffer.from([0xff]), Buffer.from('')],
    },
  });
  const trial = `trial-${randomUUID().slice(0, 8)}`;
  const settings = { 'max.message.bytes': `${limit}` };
  await tools.broker.admin.createTopics([{ topic: trial, partitionCount: 1, replicationCount: 1, settings }]);
  await eventually('the trial topic', () => tools.broker.admin.partitionEnds(trial).catch(() => undefined));
  let [fits, refused] = [limit - 2_000, limit];
  while (refused - fits > 1) {
    const middle = Math.floor((fits + refused) / 2);
    const error: unknown = await tools.broker.send([sized(trial, middle)], 20_000).then(
      () => undefined,
      (e: unknown) => e,
    );
    if (error === undefined) fits = middle;
    else {
      expect(error).toBeInstanceOf(BrokerRefusal);
      refused = middle;
    }
  }
  await tools.broker.admin.deleteTopics([trial]);

  const largest = sized('market.listing', fits);
  const [placement] = await tools.broker.send([largest], 20_000);
  relayFor(tools);
  // bytes that are no event are dead at once
  const handler: EventHandler<'market.listing.placed.v1'> = {
    group: `g-${randomUUID().slice(0, 8)}`,
    types: ['market.listing.placed.v1'],
    onDeadLetter: 'park',
    handle: () => expect.unreachable(),
  };
  const consumer = consume(tools, handler);
  const [copy] = await eventually('the copy', async () => {
    const copies = await readTopic(tools.broker, 'market.listing.dlq');
    return copies.length > 0 ? copies : undefined;
  });
  expect(copy?.key).toEqual(largest.key);
  expect(copy?.value?.equals(largest.value ?? Buffer.alloc(0))).toBe(true);
  expect(copy?.headers).toMatchObject(largest.headers);
  expect(copy?.headers['dlq-offset']?.toString()).toBe(`${placement?.offset}`);
  await consumer.stop();
});
