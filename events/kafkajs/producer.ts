import type { Kafka } from 'kafkajs';
import type { OutgoingMessage, Placement } from '../kafka/broker.ts';
import { keepClient } from './client.ts';
import { createPartitioner } from './partitioner.ts';

export const requestTimeoutMs = 10_000;

export function createProducer(kafka: Kafka, prefix: string) {
  const { use, close } = keepClient(() => openProducer(kafka));
  return {
    send: (messages: readonly OutgoingMessage[], deadlineMs: number): Promise<Placement[]> =>
      use((client) => write(client, prefix, messages), deadlineMs),
    close,
  };
}

type OpenProducer = ReturnType<typeof openProducer>;

/**
 * Not idempotent: after a partly refused request kafkajs rolls its sequence numbers back also for the partitions that
 * accepted, and the broker then acknowledges what it never wrote. Duplicates are the inbox's business.
 */
function openProducer(kafka: Kafka) {
  const partitionOf = new WeakMap<object, number>();
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: { retries: 0 },
    createPartitioner: () => {
      const choose = createPartitioner();
      return (args) => {
        const partition = choose(args);
        partitionOf.set(args.message, partition);
        return partition;
      };
    },
  });
  return {
    producer,
    partitionOf,
    connect: () => producer.connect(),
    disconnect: () => producer.disconnect(),
  };
}

async function write(
  { producer, partitionOf }: OpenProducer,
  prefix: string,
  messages: readonly OutgoingMessage[],
): Promise<Placement[]> {
  const outgoing = messages.map(({ topic, ...message }) => ({ topic: prefix + topic, message }));
  const byTopic = Map.groupBy(outgoing, ({ topic }) => topic);
  const topicMessages = [...byTopic].map(([topic, entries]) => ({
    topic,
    messages: entries.map(({ message }) => message),
  }));
  const written = await producer.sendBatch({ acks: -1, timeout: requestTimeoutMs, topicMessages });
  const next = new Map(
    written.map((entry) => [`${entry.topicName}/${entry.partition}`, BigInt(entry.baseOffset ?? -1)]),
  );
  return outgoing.map(({ topic, message }) => {
    const partition = partitionOf.get(message) ?? -1;
    const offset = next.get(`${topic}/${partition}`);
    if (offset === undefined) throw new Error(`Kafka did not say where ${topic}/${partition} went`);
    next.set(`${topic}/${partition}`, offset + 1n);
    return { partition, offset };
  });
}
