import { randomUUID } from 'node:crypto';
import { topicOf } from '../domain/events.ts';
import type { Broker, DeliveredRecord, Placement } from '../events/kafka/broker.ts';
import { createBroker } from '../events/kafkajs/broker.ts';
import { createLog } from '../platform/log.ts';
import { eventually } from './stage.ts';

/** The demo's own hands on Kafka: an outside game that sends events, and a network that delivers one twice. */
export type Kafka = {
  /** As a game server without Avro would: CloudEvents headers, JSON value. Answers the event's id. */
  send(event: OutsideEvent): Promise<string>;
  /** The same bytes once more, as after a lost acknowledgement; answers when the group has read them again. */
  deliverAgain(
    event: { topic: string; type: string; key: string },
    group: string,
  ): Promise<{ first: Placement; second: Placement }>;
  close(): Promise<void>;
};

export type OutsideEvent = { clientId: string; type: string; key: string; data: unknown };

const deadlineMs = 10_000;

export function openKafka(options: { brokers: readonly string[]; prefix: string }): Kafka {
  const broker = createBroker({ ...options, clientId: 'demo', log: createLog('demo', 'silent') });
  return {
    async send({ clientId, type, key, data }) {
      const id = randomUUID();
      const headers = {
        ce_specversion: '1.0',
        ce_id: id,
        ce_type: type,
        ce_source: `/clients/${clientId}`,
        ce_subject: key,
        ce_time: new Date().toISOString(),
        'content-type': 'application/json',
      };
      const value = Buffer.from(JSON.stringify(data));
      await broker.send(
        [{ topic: topicOf(type), key: Buffer.from(key), value, headers: toBytes(headers) }],
        deadlineMs,
      );
      return id;
    },
    async deliverAgain({ topic, type, key }, group) {
      const record = await findRecord(
        broker,
        topic,
        (one) => String(one.headers['ce_type']) === type && String(one.key) === key,
      );
      const [second] = await broker.send(
        [{ topic, key: record.key, value: record.value, headers: record.headers }],
        deadlineMs,
      );
      if (second === undefined) throw new Error(`Kafka answered nothing for ${topic}`);
      await eventually(`the group ${group} reads it again`, async () => {
        const offsets = await broker.admin.groupOffsets(group, topic);
        return (
          offsets.some(({ partition, offset }) => partition === second.partition && offset > second.offset) ||
          undefined
        );
      });
      return { first: record, second };
    },
    close: () => broker.close(),
  };
}

async function findRecord(
  broker: Broker,
  topic: string,
  isIt: (record: DeliveredRecord) => boolean,
): Promise<DeliveredRecord> {
  let found: DeliveredRecord | undefined;
  const member = await broker.join({
    group: `demo-reader-${randomUUID()}`,
    topics: [topic],
    from: 'earliest',
    onAssigned: () => {},
    onRebalancing: () => {},
    onRecords(records) {
      found ??= records.find(isIt);
    },
    onEnded: () => {},
  });
  try {
    return await eventually(`the event is found in Kafka topic ${topic}`, () => Promise.resolve(found));
  } finally {
    await member.stop();
  }
}

const toBytes = (headers: Record<string, string>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));
