import type { Kafka } from 'kafkajs';
import type { TopicPartition } from './broker.ts';

/**
 * Commits where an empty group reads on, for all its topics with one join. kafkajs' own `setOffsets` joins once per topic,
 * which takes seconds each: the broker waits for further members.
 */
export async function moveKafkajsGroup(
  kafka: Kafka,
  groupId: string,
  offsets: readonly (TopicPartition & { offset: bigint })[],
): Promise<void> {
  const topics = [...new Set(offsets.map(({ topic }) => topic))];
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
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
      consumer.seek({ topic, partition, offset: offset.toString() });
    await fetched.promise;
  } finally {
    await consumer.disconnect();
  }
}
