import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import kafkajs from 'kafkajs';

/** What to read, from its beginning; answered with how many records came. */
export type PeerTask = { brokers: readonly string[]; topic: string; eventCount: number };

/** kafkajs by itself, as fast as it goes: large fetches, nothing committed, nothing done. */
async function readAll({ brokers, topic, eventCount }: PeerTask): Promise<number> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.ERROR });
  const consumer = kafka.consumer({ groupId: `noop-${randomUUID()}` });
  let count = 0;
  const all = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 16,
    eachBatch({ batch }) {
      count += batch.messages.length;
      if (count >= eventCount) all.resolve();
      return Promise.resolve();
    },
  });
  await all.promise;
  void consumer.disconnect();
  return count;
}

// a process of its own: in ours kafkajs reads and writes records in our way
if (import.meta.main) {
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
  for (;;) {
    const [task] = (await once(process, 'message')) as [PeerTask];
    process.send?.(await readAll(task));
  }
}
