import { LootError } from '../../domain/errors.ts';
import { matchesFilter } from '../../domain/event-filter.ts';
import { everything } from '../../events/streams/named-streams.ts';
import type { Stream } from '../../events/streams/streams.ts';
import { filterable } from '../../events/codec/structured.ts';
import { principalName } from '../auth/policy.ts';
import type { Principal } from '../auth/policy.ts';
import type { Services } from '../deps.ts';
import type { Http } from '../http.ts';
import { perKeyMax } from './registry.ts';
import { openSse } from './sse.ts';

const heartbeatMs = 15_000;
/** Whoever follows for longer shows the key again; one that is revoked ends its streams within seconds. */
export const ageMsMax = 3_600_000;

export type Following = { principal: Principal; stream: Stream; types: readonly string[] | undefined };

/** A named stream as server-sent events, to those of its events the reader asked for. */
export function followStream(
  services: Services,
  http: Http,
  { principal, stream, types }: Following,
): Response {
  const { metrics, eventStreams } = services;
  const channel = eventStreams?.named(stream.name);
  if (channel === undefined)
    throw new LootError('dependency_unavailable', 'Events cannot be read now.', { retryAfterMs: 5_000 });
  const lastEventId = http.req.header('last-event-id');
  const filter = types === undefined ? {} : { types };
  const labels = { stream: stream.name };
  const reader = principal.type === 'player' ? principal.playerId : principalName(principal);
  return openSse(services, http, {
    reader,
    ...(principal.type === 'client' && { countMax: perKeyMax, keyId: principal.keyId }),
    heartbeatMs,
    ageMsMax,
    subscribe: (send, onLost) =>
      channel.subscribe(
        everything,
        ({ id, event, matches }) => {
          if (matches(filter)) send({ id, type: event.type, data: event });
        },
        {
          onLost,
          reader,
          isWanted: (record) => matchesFilter(filter, filterable(record)),
          ...(lastEventId !== undefined && { lastEventId }),
        },
      ),
    onOpen: () => metrics.streamReaders.inc(labels),
    onClose(reason) {
      metrics.streamReaders.dec(labels);
      if (reason !== undefined) metrics.streamDrops.inc({ ...labels, reason });
    },
  });
}
