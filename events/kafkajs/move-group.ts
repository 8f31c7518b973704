import type { Admin, Kafka } from 'kafkajs';
import type { TopicPartition } from '../kafka/broker.ts';

/**
 * Commits where an empty group reads on, for all its topics with one join. kafkajs' own `setOffsets` joins once per topic,
 * which takes seconds each: the broker waits for further members. Fails while the group has members.
 */
export async function moveKafkajsGroup(
  { kafka, admin, prefix }: { kafka: Kafka; admin: Admin; prefix: string },
  group: string,
  offsets: readonly (TopicPartition & { offset: bigint })[],
): Promise<void> {
  const groupId = prefix + group;
  const { groups } = await admin.describeGroups([groupId]);
  const running = groups.find(({ state }) => state !== 'Empty' && state !== 'Dead');
  if (running !== undefined) throw new Error(`the group ${group} has members: ${running.state}`);

  const topics = [...new Set(offsets.map(({ topic }) => prefix + topic))];
  // with every topic paused, this long passes before the fetch that commits
  const maxWaitTimeInMs = 100;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs });
  const fetched = Promise.withResolvers<void>();
  consumer.on(consumer.events.FETCH, () => fetched.resolve());
  consumer.on(consumer.events.CRASH, ({ payload }) => fetched.reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    // not awaited: a seek is committed by the first fetch, so it has to be there before that
    consumer.run({ eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() }).catch(fetched.reject);
    consumer.pause(topics.map((topic) => ({ topic })));
    for (const { topic, partition, offset } of offsets)
      consumer.seek({ topic: prefix + topic, partition, offset: offset.toString() });
    await fetched.promise;
  } finally {
    await consumer.disconnect();
  }
}
