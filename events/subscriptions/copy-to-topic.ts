import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Message, MessageEvent } from '../../store/subscriptions/take-delivery.ts';
import type { Subscription } from '../../store/subscriptions/types.ts';
import { BrokerRefusal } from '../kafka/broker.ts';
import type { Broker, OutgoingMessage, RecordHeaders } from '../kafka/broker.ts';
import { headersFromJson } from '../codec/header-json.ts';
import type { StructuredEvent } from '../codec/structured.ts';
import { recordBytes } from '../relay/outgoing.ts';

const sendDeadlineMs = 10_000;
/** The records of one partition travel as one batch, which the topic's limit counts whole. */
const batchBytesMax = 768 * 1_024;

/**
 * Copies events to a topic of the subscriber's own: the bytes and the headers they had, and `ce_subscriptionid`. Keys stay
 * too, so what was in order is in order. Throws BrokerRefusal for what Kafka will never take, and what `send` throws while it
 * does not answer; some may have been written by then.
 */
export async function copyToTopic(
  broker: Broker,
  { subscriptionId, targetTopic }: Pick<Subscription, 'subscriptionId' | 'targetTopic'>,
  { body, events }: Pick<Message, 'body' | 'events'>,
): Promise<void> {
  if (targetTopic === null) throw new TypeError('a subscription that copies has a topic');
  const copied = body === null ? events.map(asRecord) : [fromStructured(body)];
  const records = copied.map(({ key, value, headers }): OutgoingMessage => ({
    topic: targetTopic,
    key,
    value,
    headers: { ...headers, ce_subscriptionid: Buffer.from(subscriptionId) },
  }));
  for (const batch of batchesOf(records)) await broker.send(batch, sendDeadlineMs);
}

/** Whether Kafka will never take it; whatever else `copyToTopic` throws is an outage. */
export const isRefusedCopy = (error: unknown): boolean => error instanceof BrokerRefusal;

/** In order; a record that is larger than a batch should be goes alone. */
function batchesOf(records: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const batches: OutgoingMessage[][] = [];
  let room = 0;
  for (const record of records) {
    const bytes = recordBytes(record);
    if (bytes > room || batches.length === 0) {
      batches.push([]);
      room = batchBytesMax;
    }
    batches.at(-1)?.push(record);
    room -= bytes;
  }
  return batches;
}

type Copied = Pick<OutgoingMessage, 'key' | 'value' | 'headers'>;

const asRecord = ({ event, key, value, headers }: MessageEvent): Copied =>
  headers === null
    ? fromStructured(event ?? '{}')
    : { key, value, headers: headersFromJson(headers as Record<string, JsonValue>) };

/** What came as structured JSON alone (a replay, a ping): its attributes are headers, its data is JSON. */
function fromStructured(text: string): Copied {
  const { data, datacontenttype, partitionkey, traceparent, ...attributes } = JSON.parse(
    text,
  ) as StructuredEvent;
  const headers: RecordHeaders = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce_${name}`, Buffer.from(String(value))]),
  );
  headers['content-type'] = Buffer.from(datacontenttype);
  if (traceparent !== undefined) headers['traceparent'] = Buffer.from(traceparent);
  return {
    key: partitionkey === undefined ? null : Buffer.from(partitionkey),
    value: Buffer.from(JSON.stringify(data)),
    headers,
  };
}
