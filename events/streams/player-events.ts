import type { JsonValue } from '../../domain/canonical-json.ts';
import { topicOf } from '../../domain/events.ts';
import type { EventType } from '../../domain/events.ts';
import type { Log } from '../../platform/log.ts';
import { openChannel } from './channel.ts';
import type { Channel } from './channel.ts';
import type { Codec } from '../codec/codec.ts';
import { toEnvelope, typeOf } from '../codec/envelope.ts';
import { playersOf, streamedTypes } from './player-event-types.ts';
import { readable } from './readable.ts';
import type { PastReader } from './read-past.ts';
import { placeId } from './place.ts';

/** A fact about one player. `id` is opaque to clients: topic/partition/offset/time, which is how a stream resumes. */
export type PlayerEvent = { id: string; type: string; time: string; data: JsonValue; traceparent?: string };

/** Keyed by player. */
export type PlayerEvents = Channel<PlayerEvent>;

const types: ReadonlySet<string | undefined> = new Set(streamedTypes);

export function openPlayerEvents(deps: { codec: Codec; log: Log; readPast: PastReader }): PlayerEvents {
  return openChannel<PlayerEvent>({
    ...deps,
    topics: [...new Set(streamedTypes.map(topicOf))],
    isTold: ({ headers }) => types.has(typeOf(headers)),
    read: (record) =>
      readable(deps.log, record, async () => {
        const { type: name, time, traceparent, contentType } = toEnvelope(record);
        const type = name as EventType;
        const data = await deps.codec.decode(type, deps.codec.open(record), contentType);
        const trace = traceparent !== null && { traceparent };
        const event = { id: placeId(record), type, time, data: data as JsonValue, ...trace };
        return { event, keys: playersOf(type, data) };
      }),
  });
}
