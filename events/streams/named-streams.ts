import { matchesFilter } from '../../domain/event-filter.ts';
import type { EventFilter } from '../../domain/event-filter.ts';
import type { EventType } from '../../domain/events.ts';
import type { Log } from '../../platform/log.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { openChannel } from './channel.ts';
import type { Channel } from './channel.ts';
import type { Codec } from '../codec/codec.ts';
import { toEnvelope } from '../codec/envelope.ts';
import { readable } from './readable.ts';
import type { PastReader } from './read-past.ts';
import { placeId } from './place.ts';
import { publicData } from './streams.ts';
import type { Stream } from './streams.ts';
import { filterable, toStructured } from '../codec/structured.ts';
import type { StructuredEvent } from '../codec/structured.ts';

/** An event of a stream, at its place; `filterable` is what a reader's own filter asks. */
export type StreamEvent = {
  id: string;
  event: StructuredEvent;
  matches(filter: EventFilter): boolean;
};

export type NamedStream = Channel<StreamEvent>;

/** Every reader of a stream listens for the same. */
export const everything = '*';

export function openNamedStream(
  deps: { codec: Codec; log: Log; readPast: PastReader },
  { topics, types, audience }: Stream,
): NamedStream {
  const structured = audience === 'public' ? toPublic : toStructured;
  return openChannel<StreamEvent>({
    ...deps,
    topics,
    isTold: (record) => matchesFilter({ types }, filterable(record)),
    read: (record) =>
      readable(deps.log, record, async () => {
        const event = await structured(deps.codec, record);
        const asked = filterable(record);
        const matches = (filter: EventFilter) => matchesFilter(filter, asked);
        return { event: { id: placeId(record), event, matches }, keys: [everything] };
      }),
  });
}

/** What everyone may know: the data cut to it, and nothing of who asked for what. */
async function toPublic(codec: Codec, record: DeliveredRecord): Promise<StructuredEvent> {
  const envelope = toEnvelope(record);
  const type = envelope.type as EventType;
  const data = publicData(type, await codec.decode(type, codec.open(record), envelope.contentType));
  if (data === undefined) throw new Error(`${type} has no public form`);
  return {
    specversion: '1.0',
    id: envelope.id,
    source: envelope.source,
    type,
    subject: envelope.subject,
    time: envelope.time,
    datacontenttype: 'application/json',
    ...(envelope.sequence !== null && { sequence: envelope.sequence.toString() }),
    ledgerepoch: envelope.ledgerEpoch,
    data,
  };
}
