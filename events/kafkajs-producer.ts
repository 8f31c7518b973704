import kafkajs from 'kafkajs';
import type { Kafka, Producer } from 'kafkajs';
import type { OutgoingMessage, Placement } from './broker.ts';
import { asRefusal, isAboutTopic } from './kafkajs-errors.ts';
import { connectOnce, withDeadline } from './patience.ts';

export const requestTimeoutMs = 10_000;

/**
 * A kafkajs producer asks for the metadata of every topic it ever wrote to at once, and one of them that is missing fails
 * the request for all. So whatever Kafka says about a topic is asked again with a producer that knows this request's
 * topics alone, and that one, when it may write, takes the other's place.
 */
export function createProducer(kafka: Kafka, prefix: string) {
  let shared = openProducer(kafka, prefix);

  async function sendAnyhow(messages: readonly OutgoingMessage[]): Promise<Placement[]> {
    const asked = shared;
    try {
      return await asked.send(messages);
    } catch (error) {
      if (!isAboutTopic(error)) throw error;
    }
    const fresh = openProducer(kafka, prefix);
    try {
      const placements = await fresh.send(messages);
      if (shared === asked) {
        shared = fresh;
        asked.retire();
      }
      return placements;
    } finally {
      if (shared !== fresh) fresh.retire();
    }
  }

  return {
    send: (messages: readonly OutgoingMessage[], deadlineMs: number): Promise<Placement[]> =>
      withDeadline(sendAnyhow(messages), deadlineMs, 'Kafka').catch((error: unknown) => {
        throw asRefusal(error);
      }),
    close: () => shared.close(),
  };
}

/**
 * Not idempotent: after a partly refused request kafkajs rolls its sequence numbers back also for the partitions that
 * accepted, and the broker then acknowledges what it never wrote. Duplicates are the inbox's business.
 */
function openProducer(kafka: Kafka, prefix: string) {
  const partitionOf = new WeakMap<object, number>();
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: { retries: 0 },
    createPartitioner: () => {
      const choose = kafkajs.Partitioners.DefaultPartitioner();
      return (args) => {
        const partition = choose(args);
        partitionOf.set(args.message, partition);
        return partition;
      };
    },
  });
  const connect = connectOnce(() => producer.connect());
  let atHandCount = 0;
  let retired = false;
  const closeWhenIdle = () => {
    if (retired && atHandCount === 0) producer.disconnect().catch(() => {});
  };

  return {
    async send(messages: readonly OutgoingMessage[]): Promise<Placement[]> {
      atHandCount += 1;
      try {
        await connect();
        return await write(producer, partitionOf, prefix, messages);
      } finally {
        atHandCount -= 1;
        closeWhenIdle();
      }
    },
    /** Closed as soon as nothing is at hand. */
    retire() {
      retired = true;
      closeWhenIdle();
    },
    close: () => producer.disconnect(),
  };
}

async function write(
  producer: Producer,
  partitionOf: WeakMap<object, number>,
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
