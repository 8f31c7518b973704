import { expect, test } from 'vitest';
import { BrokerRefusal } from '../../../events/kafka/broker.ts';
import { createLog } from '../../../platform/log.ts';
import { createTopic } from './adapters.ts';
import type { Adapter, World } from './adapters.ts';
import { join, message, sendDeadlineMs } from './traffic.ts';

/** What `admin` and `ping` promise. */
export function adminContract({ broker, another, prefix, topic: newTopic }: World, adapter: Adapter): void {
  const { admin } = broker;

  test('topics are created once, described, and deleted', async () => {
    const settings = { 'retention.ms': '3600000', 'max.message.bytes': '20000' };
    const topic = { topic: 'made.once', partitionCount: 3, replicationCount: 1, settings };
    expect(await admin.describeTopic('made.once')).toBeUndefined();
    await createTopic(broker, topic);
    expect(await admin.createTopics([{ ...topic, partitionCount: 9 }])).toEqual([]);
    expect(await admin.describeTopic('made.once')).toEqual({
      partitionCount: 3,
      replicationCount: 1,
      settings,
    });
    expect(await admin.listTopics()).toContain('made.once');
    await admin.deleteTopics(['made.once']);
    await expect.poll(() => admin.describeTopic('made.once')).toBeUndefined();
  });

  test('altering a topic leaves its other settings, also when several do at once', async () => {
    const topic = await newTopic(1, { 'retention.ms': '3600000', 'cleanup.policy': 'delete' });
    await Promise.all([
      admin.alterTopic(topic, { 'max.message.bytes': '30000' }),
      admin.alterTopic(topic, { 'retention.ms': '7200000' }),
    ]);
    const settings = { 'retention.ms': '7200000', 'cleanup.policy': 'delete', 'max.message.bytes': '30000' };
    await expect.poll(() => admin.describeTopic(topic)).toMatchObject({ settings });
    await expect(admin.alterTopic(topic, { 'retention.ms': 'soon' })).rejects.toThrow(/INVALID_CONFIG/);
    await expect.poll(() => admin.describeTopic(topic)).toMatchObject({ settings });
    await expect(admin.alterTopic('not there', {})).rejects.toThrow(BrokerRefusal);
  });

  test.each([
    ['a name with a space', 'no spaces', 1, {}, /INVALID_TOPIC_EXCEPTION.*no spaces/],
    ['a name that is too long', 'n'.repeat(250), 1, {}, /INVALID_TOPIC_EXCEPTION/],
    ['more replicas than brokers', 'many.replicas', 9, {}, /INVALID_REPLICATION_FACTOR.*many\.replicas/],
    ['an unknown setting', 'odd.setting', 1, { 'no.such.setting': '1' }, /INVALID_CONFIG.*odd\.setting/],
  ])('Kafka refuses %s, and the error says so', async (_, topic, replicationCount, settings, says) => {
    const creating = admin.createTopics([{ topic, partitionCount: 1, replicationCount, settings }]);
    const error: unknown = await creating.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(BrokerRefusal);
    expect(error).toMatchObject({ message: expect.stringMatching(says) as string });
  });

  test('a topic that somebody else deleted stands in the way of no other question', async () => {
    const [staying, going] = [await newTopic(), await newTopic()];
    await admin.partitionEnds(going);
    await admin.partitionEnds(staying);
    await another().admin.deleteTopics([going]);
    await expect.poll(() => admin.describeTopic(going)).toBeUndefined();
    expect(
      await admin.createTopics([{ topic: 'next', partitionCount: 1, replicationCount: 1, settings: {} }]),
    ).toEqual(['next']);
    await expect.poll(() => admin.partitionEnds(staying)).toHaveLength(1);
    await admin.deleteTopics(['next']);
  });

  test('offsets by time: the first record at or after it, else the end', async () => {
    const topic = await newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const say = () => broker.send([message(topic, 'k', '1'), message(topic, 'k', '2')], sendDeadlineMs);
    await say();
    const middleMs = Date.now() + 5;
    while (Date.now() <= middleMs) await new Promise((resolve) => setTimeout(resolve, 5));
    await say();
    const at = async (ms: number) => (await admin.offsetsAt(topic, ms)).map(({ offset }) => offset);
    expect(await at(0)).toEqual([0n]);
    expect(await at(middleMs)).toEqual([2n]);
    expect(await at(Date.now() + 3_600_000)).toEqual([4n]);
  });

  test('a group with members keeps its offsets; without, it can be moved and forgotten', async () => {
    const topic = await newTopic(2);
    const group = `on-${topic}`;
    expect(await admin.groupMembers(group)).toEqual([]);
    const member = await join(broker, { group, topics: [topic], onRecords: () => {} });
    expect(await admin.groupMembers(group)).toEqual([
      expect.objectContaining({ clientId: 'contract', host: expect.stringContaining('127.0.0.1') as string }),
    ]);
    const offsets = [0, 1].map((partition) => ({ topic, partition, offset: 7n + BigInt(partition) }));
    await expect(admin.setGroupOffsets(group, offsets)).rejects.toThrow(/has members/);
    await expect(admin.deleteGroup(group)).rejects.toThrow(/NON_EMPTY_GROUP/);
    await member.stop();
    await expect.poll(() => admin.groupMembers(group)).toEqual([]);
    await admin.setGroupOffsets(group, offsets);
    const kept = async () =>
      (await admin.groupOffsets(group, topic)).toSorted((a, b) => a.partition - b.partition);
    expect(await kept()).toEqual(offsets);
    await admin.deleteGroup(group);
    await admin.deleteGroup(group);
    expect((await kept()).map(({ offset }) => offset)).toEqual([-1n, -1n]);
  });

  test.each([
    ['where nobody listens', '127.0.0.1:1', /ECONNREFUSED.*127\.0\.0\.1:1/],
    ['that has no address', 'nowhere.invalid:9092', /nowhere\.invalid/],
  ])('a broker %s is named in the error', async (_, address, says) => {
    const lost = adapter.open({
      brokers: [address],
      clientId: 'lost',
      prefix,
      log: createLog('test', 'silent'),
    });
    await expect(lost.ping()).rejects.toThrow(says);
    await expect(lost.send([message('any', 'k', '1')], sendDeadlineMs)).rejects.toThrow(says);
    await lost.close();
  });
}
