import type { EventType } from '../../domain/events.ts';
import type { DeliveredRecord } from '../broker.ts';
import type { Codec } from '../codec.ts';
import { toEnvelope } from '../envelope.ts';
import { DeadEvent } from '../failures.ts';
import type { DeliveredEvent } from '../handler.ts';

/** A record as its handler sees it. Throws DeadEvent. */
export async function decodeEvent(
  codec: Codec,
  types: readonly EventType[],
  record: DeliveredRecord,
): Promise<DeliveredEvent> {
  const envelope = toEnvelope(record);
  const type = codec.readAs(types, envelope.type);
  if (type === undefined) throw new DeadEvent('unknown_version', `nobody here knows ${envelope.type}`);
  const { topic, partition, offset } = record;
  return {
    ...envelope,
    type,
    data: await codec.decode(type, codec.open(record), envelope.contentType, envelope.type),
    key: record.key?.toString() ?? null,
    position: { topic, partition, offset },
  } as DeliveredEvent;
}
