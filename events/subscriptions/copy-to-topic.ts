import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Message, MessageEvent } from '../../store/subscriptions/take-delivery.ts';
import type { Subscription } from '../../store/subscriptions/types.ts';
import type { Broker, OutgoingMessage, RecordHeaders } from '../kafka/broker.ts';
import { headersFromJson } from '../codec/header-json.ts';
import type { StructuredEvent } from '../codec/structured.ts';

const sendDeadlineMs = 10_000;

/**
 * Copies events to a topic of the subscriber's own: the bytes and the headers they had, and `ce_subscriptionid`. Keys stay
 * too, so what was in order is in order. Throws what Kafka says; some may have been written by then.
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
  await broker.send(records, sendDeadlineMs);
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
