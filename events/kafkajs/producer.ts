import type { Kafka, Message, Producer } from 'kafkajs';
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

/**
 * Not idempotent: after a partly refused request kafkajs rolls its sequence numbers back also for the partitions that
 * accepted, and the broker then acknowledges what it never wrote. Duplicates are the inbox's business.
 */
const openProducer = (kafka: Kafka): Producer =>
  kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: { retries: 0 },
    createPartitioner: () => {
      const choose = createPartitioner();
      // noted on the message, for kafkajs says of partitions alone where they went on
      return (args) => (args.message.partition = choose(args));
    },
  });

async function write(
  producer: Producer,
  prefix: string,
  messages: readonly OutgoingMessage[],
): Promise<Placement[]> {
  const outgoing = messages.map(({ topic, key, value, headers }) => {
    const message: Message = { key, value, headers };
    return { topic, message };
  });
  const topicMessages = [...Map.groupBy(outgoing, ({ topic }) => topic)].map(([topic, entries]) => ({
    topic: prefix + topic,
    messages: entries.map(({ message }) => message),
  }));
  const written = await producer.sendBatch({ acks: -1, timeout: requestTimeoutMs, topicMessages });
  const nextOffsets = new Map(
    topicMessages.map(({ topic }) => [topic.slice(prefix.length), new Map<number, bigint>()]),
  );
  for (const { topicName, partition, baseOffset } of written)
    nextOffsets.get(topicName.slice(prefix.length))?.set(partition, BigInt(baseOffset ?? -1));
  return outgoing.map(({ topic, message: { partition = -1 } }) => {
    const offset = nextOffsets.get(topic)?.get(partition);
    if (offset === undefined) throw new Error(`Kafka did not say where ${topic}/${partition} went`);
    nextOffsets.get(topic)?.set(partition, offset + 1n);
    return { partition, offset };
  });
}
