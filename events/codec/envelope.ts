import type { EventContext } from '../../domain/events.ts';
import type { DeliveredRecord, RecordHeaders } from '../kafka/broker.ts';
import { DeadEvent } from '../consumer/failures.ts';

export const avroContentType = 'application/avro';

/** CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the value is the data alone. */
export type Envelope = {
  id: string;
  type: string;
  source: string;
  subject: string;
  time: string;
  sequence: bigint | null;
  correlationId: string | null;
  causationId: string | null;
  ledgerEpoch: number;
  contentType: string;
  traceparent: string | null;
  tracestate: string | null;
};

/** `ce_source` of what this deployment tells; a client's is `/clients/<client id>`. */
export const sourceOfDeployment = (name: string): string => `/lootledger/${name}`;
export const clientOfSource = (source: string): string | undefined => /^\/clients\/(.+)$/.exec(source)?.[1];

export type NewEnvelope = Pick<
  Envelope,
  'id' | 'type' | 'source' | 'subject' | 'time' | 'sequence' | 'ledgerEpoch'
> & {
  schemaId: number;
  context: EventContext;
};

export function toHeaders(envelope: NewEnvelope): RecordHeaders {
  const { context, sequence } = envelope;
  const headers: RecordHeaders = {
    ce_specversion: repeated('1.0'),
    ce_id: Buffer.from(envelope.id),
    ce_type: repeated(envelope.type),
    ce_source: repeated(envelope.source),
    ce_subject: Buffer.from(envelope.subject),
    ce_time: Buffer.from(envelope.time),
    ce_dataschema: repeated(`/v1/schemas/schemas/ids/${envelope.schemaId}`),
  };
  if (sequence !== null) headers['ce_sequence'] = Buffer.from(sequence.toString());
  if (context.correlationId !== undefined) headers['ce_correlationid'] = Buffer.from(context.correlationId);
  if (context.causationId !== undefined) headers['ce_causationid'] = Buffer.from(context.causationId);
  headers['ce_ledgerepoch'] = repeated(`${envelope.ledgerEpoch}`);
  headers['content-type'] = repeated(avroContentType);
  if (context.traceparent !== undefined) headers['traceparent'] = Buffer.from(context.traceparent);
  if (context.tracestate !== undefined) headers['tracestate'] = Buffer.from(context.tracestate);
  return headers;
}

const repeatedCountMax = 1_000;
const repeatedTexts = new Map<string, Buffer>();

/** What stands in every record of a kind is turned into bytes once. */
function repeated(text: string): Buffer {
  const known = repeatedTexts.get(text);
  if (known !== undefined) return known;
  const bytes = Buffer.from(text);
  if (repeatedTexts.size < repeatedCountMax) repeatedTexts.set(text, bytes);
  return bytes;
}

/** What the type says before anything is decoded; undefined when the record carries none. */
export const typeOf = (headers: RecordHeaders): string | undefined => headerText(headers, 'ce_type');

/** Two of them and a group, in bytes, are what an entry of the inbox's index may be; its text has no zero character. */
const nameCharsMax = 300;
export const isEventName = (text: string): boolean => text.length <= nameCharsMax && !text.includes('\0');

/** Throws DeadEvent when a record lacks what identifies an event. */
export function toEnvelope(record: Pick<DeliveredRecord, 'headers' | 'timestampMs' | 'key'>): Envelope {
  const { headers } = record;
  const required = (name: string): string => {
    const value = headerText(headers, name);
    if (value === undefined || value === '')
      throw new DeadEvent('undecodable', `the header ${name} is missing`);
    if (!isEventName(value)) throw new DeadEvent('undecodable', `the header ${name} is not a name`);
    return value;
  };
  const optional = (name: string): string | null => headerText(headers, name) ?? null;
  const sequence = optional('ce_sequence');
  return {
    id: required('ce_id'),
    type: required('ce_type'),
    source: required('ce_source'),
    subject: optional('ce_subject') ?? record.key?.toString() ?? '',
    time: optional('ce_time') ?? new Date(record.timestampMs).toISOString(),
    sequence: sequence !== null && /^\d{1,19}$/.test(sequence) ? BigInt(sequence) : null,
    correlationId: optional('ce_correlationid'),
    causationId: optional('ce_causationid'),
    ledgerEpoch: Number(optional('ce_ledgerepoch') ?? 1),
    contentType: optional('content-type') ?? avroContentType,
    traceparent: optional('traceparent'),
    tracestate: optional('tracestate'),
  };
}

export function headerText(headers: RecordHeaders, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value.at(-1) : value)?.toString();
}
