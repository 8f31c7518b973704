import { randomUUID } from 'node:crypto';
import type { Broker, DeliveredRecord, Placement } from '../events/broker.ts';
import { createBroker } from '../events/kafkajs-broker.ts';
import { createLog } from '../platform/log.ts';
import { eventually } from './stage.ts';

/** The demo's own hands on Kafka: an outside game that sends events, and a network that delivers one twice. */
export type Kafka = {
  /** As a game server without Avro would: CloudEvents headers, JSON value. */
  sendJson(event: { topic: string; key: string; type: string; source: string; data: unknown }): Promise<Placement>;
  /** The same bytes once more, as after a lost acknowledgement. */
  deliverAgain(topic: string, isIt: (event: { type: string; key: string }) => boolean): Promise<DeliveredRecord>;
  close(): Promise<void>;
};

const deadlineMs = 10_000;

export function openKafka(options: { brokers: readonly string[]; prefix: string }): Kafka {
  const broker = createBroker({ ...options, clientId: 'demo', log: createLog('demo', 'silent') });
  return {
    async sendJson({ topic, key, type, source, data }) {
      const headers = {
        ce_specversion: '1.0',
        ce_id: randomUUID(),
        ce_type: type,
        ce_source: source,
        ce_subject: key,
        ce_time: new Date().toISOString(),
        'content-type': 'application/json',
      };
      const message = { topic, key: Buffer.from(key), value: Buffer.from(JSON.stringify(data)), headers: toBytes(headers) };
      const [placement] = await broker.send([message], deadlineMs);
      if (placement === undefined) throw new Error(`Kafka answered nothing for ${topic}`);
      return placement;
    },
    async deliverAgain(topic, isIt) {
      const record = await findRecord(broker, topic, isIt);
      await broker.send([{ topic, key: record.key, value: record.value, headers: record.headers }], deadlineMs);
      return record;
    },
    close: () => broker.close(),
  };
}

async function findRecord(broker: Broker, topic: string, isIt: (event: { type: string; key: string }) => boolean): Promise<DeliveredRecord> {
  let found: DeliveredRecord | undefined;
  const member = await broker.join({
    group: `demo-reader-${randomUUID()}`,
    topics: [topic],
    from: 'earliest',
    onAssigned: () => {},
    onRebalancing: () => {},
    onRecords(records) {
      found ??= records.find(({ headers, key }) => isIt({ type: String(headers['ce_type']), key: String(key) }));
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
