import type { EventData, EventType } from '../../domain/events.ts';
import type { DeliveredRecord, RecordHeaders } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { avroContentType, headerText, toEnvelope, typeOf } from '../codec/envelope.ts';
import { DeadEvent } from '../consumer/failures.ts';
import type { DeliveredEvent } from '../consumer/handler.ts';

/** What happened, without what a handler may want to know besides: a third of the work of a whole envelope. */
export type Fact = {
  [K in EventType]: { id: string; source: string; ledgerEpoch: number; type: K; data: EventData[K] };
}[EventType];

/** Throws DeadEvent. */
export async function decodeFact(
  codec: Codec,
  types: readonly EventType[],
  record: DeliveredRecord,
): Promise<Fact> {
  const { headers } = record;
  const contentType = headerText(headers, 'content-type') ?? avroContentType;
  return {
    id: required(headers, 'ce_id'),
    source: required(headers, 'ce_source'),
    ledgerEpoch: Number(headerText(headers, 'ce_ledgerepoch') ?? 1),
    ...(await decodeData(codec, types, record, typeOf(headers) ?? '', contentType)),
  } as Fact;
}

/** A record as its handler sees it. Throws DeadEvent. */
export async function decodeEvent(
  codec: Codec,
  types: readonly EventType[],
  record: DeliveredRecord,
): Promise<DeliveredEvent> {
  const envelope = toEnvelope(record);
  const { topic, partition, offset } = record;
  return {
    ...envelope,
    ...(await decodeData(codec, types, record, envelope.type, envelope.contentType)),
    key: record.key?.toString() ?? null,
    position: { topic, partition, offset },
  } as DeliveredEvent;
}

async function decodeData(
  codec: Codec,
  types: readonly EventType[],
  record: DeliveredRecord,
  written: string,
  contentType: string,
) {
  const type = codec.readAs(types, written);
  if (type === undefined) throw new DeadEvent('unknown_version', `nobody here knows ${written}`);
  return { type, data: await codec.decode(type, codec.open(record), contentType, written) };
}

function required(headers: RecordHeaders, name: string): string {
  const value = headerText(headers, name);
  if (value === undefined || value === '')
    throw new DeadEvent('undecodable', `the header ${name} is missing`);
  return value;
}
