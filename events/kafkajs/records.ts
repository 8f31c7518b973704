import type { Batch, IHeaders } from 'kafkajs';
import type { DeliveredRecord, RecordHeaders } from '../kafka/broker.ts';

/** Topic names as Kafka knows them, with the deployment's prefix, and as the catalogue does. */
export type TopicNames = { outside(topic: string): string; inside(topic: string): string };

export const topicNames = (prefix: string): TopicNames => ({
  outside: (topic) => prefix + topic,
  inside: (topic) => topic.slice(prefix.length),
});

export const toDeliveredRecords = (batch: Batch, names: TopicNames): DeliveredRecord[] => {
  const topic = names.inside(batch.topic);
  return batch.messages.map((message) => ({
    topic,
    partition: batch.partition,
    offset: BigInt(message.offset),
    timestampMs: timeOf(message.timestamp),
    key: message.key,
    value: message.value,
    headers: toRecordHeaders(message.headers),
  }));
};

const lastMs = Date.parse('9999-12-31T23:59:59.999Z');

/** Kafka takes any number; those that no calendar, table or `Date` has become the first and the last time there is. */
function timeOf(timestamp: string): number {
  const ms = Number(timestamp);
  // -1: it has none
  return ms < -1 ? 0 : Math.min(ms, lastMs);
}

/** What kafkajs read is ours to keep as it is; what is made anew costs as much as all else that is done to a record here. */
function toRecordHeaders(headers: IHeaders | undefined): RecordHeaders {
  if (isAllBuffers(headers)) return headers;
  const entries = Object.entries(headers ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.map(toBuffer) : toBuffer(value)]),
  );
}

function isAllBuffers(headers: IHeaders | undefined): headers is Record<string, Buffer> {
  if (headers === undefined) return false;
  for (const name of Object.keys(headers)) if (!Buffer.isBuffer(headers[name])) return false;
  return true;
}

const toBuffer = (value: Buffer | string): Buffer => (typeof value === 'string' ? Buffer.from(value) : value);
