import { player } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { StreamEvent, StreamQuery } from '../../stream/schema.ts';
import { openPlayerSse } from '../../stream/player-sse.ts';
import { openSocket } from '../../stream/websocket.ts';

const common = { method: 'get', tag: 'stream', auth: player, mutation: false, limit: 'read' } as const;

const socket = defineRoute(
  {
    ...common,
    path: '/v1/stream',
    operationId: 'openStream',
    summary: "The player's own events over a WebSocket: grants, trades, matches, notifications",
    query: StreamQuery,
    answers: {
      101: {
        description: 'Frames `{kind: "event", id, type, time, data}`',
        schema: StreamEvent,
        contentType: '*/*',
      },
    },
    errors: ['bad_request'],
  },
  ({ deps, http, principal, query }) => openSocket(deps, http, principal.playerId, query.lastEventId),
);

const events = defineRoute(
  {
    ...common,
    path: '/v1/stream/events',
    operationId: 'openEventStream',
    summary: 'The same as server-sent events; Last-Event-ID resumes',
    answers: { 200: { description: 'Events', schema: StreamEvent, contentType: 'text/event-stream' } },
  },
  async ({ deps, http, principal }) => openPlayerSse(deps, http, principal.playerId),
);

export const streamRoutes = [socket, events];
