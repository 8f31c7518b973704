import type { JsonValue } from '../../domain/canonical-json.ts';
import type { FilteredEvent } from '../../domain/event-filter.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import type { Codec } from './codec.ts';
import { headerText, toEnvelope } from './envelope.ts';

/** CloudEvents 1.0 in structured JSON: how an event looks outside Kafka. */
export type StructuredEvent = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  dataschema?: string;
  partitionkey?: string;
  /** A decimal string; gap-free per aggregate. */
  sequence?: string;
  correlationid?: string;
  causationid?: string;
  ledgerepoch?: number;
  traceparent?: string;
  /** Told again by this replay. */
  replayid?: string;
  data: JsonValue;
};

/** Throws DeadEvent when the record is not an event or its value cannot be read. */
export async function toStructured(codec: Codec, record: DeliveredRecord): Promise<StructuredEvent> {
  const envelope = toEnvelope(record);
  const data = await codec.decodeAny(codec.open(record), envelope.contentType, envelope.type);
  const dataschema = headerText(record.headers, 'ce_dataschema');
  const replayid = headerText(record.headers, 'ce_replayid');
  return {
    specversion: '1.0',
    id: envelope.id,
    source: envelope.source,
    type: envelope.type,
    subject: envelope.subject,
    time: envelope.time,
    datacontenttype: 'application/json',
    ...(dataschema !== undefined && { dataschema }),
    ...(record.key !== null && { partitionkey: record.key.toString() }),
    ...(envelope.sequence !== null && { sequence: envelope.sequence.toString() }),
    ...(envelope.correlationId !== null && { correlationid: envelope.correlationId }),
    ...(envelope.causationId !== null && { causationid: envelope.causationId }),
    ledgerepoch: envelope.ledgerEpoch,
    ...(envelope.traceparent !== null && { traceparent: envelope.traceparent }),
    ...(replayid !== undefined && { replayid }),
    data,
  };
}

/** What a filter may ask of a record. */
export const filterable = ({ key, headers }: DeliveredRecord): FilteredEvent => ({
  type: headerText(headers, 'ce_type'),
  key: key?.toString() ?? null,
  subject: headerText(headers, 'ce_subject') ?? key?.toString() ?? null,
  header: (name) => headerText(headers, name),
});
