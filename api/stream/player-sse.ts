import type { Services } from '../deps.ts';
import type { Http } from '../http.ts';
import { keepAliveMs } from './schema.ts';
import { openSse } from './sse.ts';

/** One player's own events. */
export function openPlayerSse(services: Services, http: Http, playerId: string): Response {
  const { metrics, playerEvents } = services;
  const lastEventId = http.req.header('last-event-id');
  return openSse(services, http, {
    reader: playerId,
    heartbeatMs: keepAliveMs,
    subscribe: (send, onLost) =>
      playerEvents.subscribe(playerId, (event) => send({ id: event.id, type: event.type, data: event }), {
        onLost,
        ...(lastEventId !== undefined && { lastEventId }),
      }),
    onOpen: () => metrics.websocketConnections.inc({ kind: 'sse' }),
    onClose(reason) {
      metrics.websocketConnections.dec({ kind: 'sse' });
      if (reason !== undefined) metrics.streamDrops.inc({ stream: 'own', reason });
    },
  });
}
