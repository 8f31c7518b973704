import { upgradeWebSocket } from '@hono/node-server';
import type { WSContext, WSMessageReceive } from 'hono/ws';
import type { WebSocket } from 'ws';
import { LootError, errorCodes } from '../../domain/errors.ts';
import type { PlayerEvent, Services } from '../deps.ts';
import { toLootError } from '../failures.ts';
import type { Http } from '../http.ts';
import { bufferedBytesMax, keepAliveMs } from './schema.ts';

export const streamSubprotocol = 'lootledger.v1';
const closeCodes = { deploy: 1001, badFrames: 1008, overload: 1013 } as const;
const badFrameCountMax = 3;

/** The player's own events over a socket. The client may `ping`; whatever else it says is an error, the third ends it. */
export async function openSocket(
  services: Services,
  http: Http,
  playerId: string,
  lastEventId: string | undefined,
): Promise<Response> {
  if (http.req.header('upgrade')?.toLowerCase() !== 'websocket')
    throw new LootError('bad_request', 'Open this with a WebSocket, or read /v1/stream/events.');
  const origin = http.req.header('origin');
  if (origin !== undefined && !services.config.CORS_ORIGINS.includes(origin))
    throw new LootError('forbidden', 'Sockets from this origin are not allowed.');
  if (services.isStopping?.() === true)
    throw new LootError('overloaded', 'This server is stopping.', { retryAfterMs: 1_000 });
  services.streams.check(playerId);
  const session = createSession(services, playerId, lastEventId);
  return upgradeWebSocket(http, {
    onOpen: (_event, socket) => session.open(socket),
    onMessage: (event) => session.receive(event.data),
    onClose: (event) => session.closed(event.code),
  });
}

function createSession(
  { playerEvents, streams, metrics }: Services,
  playerId: string,
  lastEventId: string | undefined,
) {
  let socket: WSContext | undefined;
  let badFrameCount = 0;
  const undo: (() => void)[] = [];

  const send = (frame: object): void => {
    const raw = socket?.raw as WebSocket | undefined;
    if (raw === undefined || raw.readyState !== raw.OPEN) return;
    if (raw.bufferedAmount > bufferedBytesMax) return raw.close(closeCodes.overload, 'too slow');
    raw.send(JSON.stringify(frame));
    metrics.websocketFrames.inc({ direction: 'out' });
  };

  /** Too late for a status: the frame says why, the code whether to come back. */
  const refuse = (raw: WebSocket, { code, message }: LootError): void => {
    send({ kind: 'error', code, detail: message });
    raw.close(errorCodes[code].canRetry ? closeCodes.overload : closeCodes.badFrames, code);
  };

  return {
    open(opened: WSContext) {
      socket = opened;
      const raw = opened.raw as WebSocket;
      metrics.websocketConnections.inc({ kind: 'stream' });
      undo.push(() => metrics.websocketConnections.dec({ kind: 'stream' }));
      let answered = true;
      raw.on('pong', () => (answered = true));
      const ping = setInterval(() => {
        // Nobody has answered for a whole interval: the other side is gone.
        if (!answered) return raw.terminate();
        answered = false;
        raw.ping();
      }, keepAliveMs);
      undo.push(() => clearInterval(ping));
      try {
        undo.push(streams.add(playerId, () => raw.close(closeCodes.deploy, 'server is stopping')));
        send({ kind: 'welcome', playerId });
        const onEvent = (event: PlayerEvent) => send({ kind: 'event', ...event });
        undo.push(
          playerEvents.subscribe(playerId, onEvent, {
            ...(lastEventId !== undefined && { lastEventId }),
            onLost: () => raw.close(closeCodes.overload, 'resume again'),
          }),
        );
      } catch (error) {
        refuse(raw, toLootError(error, false));
      }
    },
    receive(data: WSMessageReceive) {
      metrics.websocketFrames.inc({ direction: 'in' });
      if (isPing(data)) return send({ kind: 'pong' });
      badFrameCount += 1;
      send({ kind: 'error', code: 'validation_failed', detail: 'The only message here is {"kind":"ping"}.' });
      if (badFrameCount >= badFrameCountMax) socket?.close(closeCodes.badFrames, 'bad frames');
      return undefined;
    },
    closed(code: number) {
      metrics.websocketCloses.inc({ code: String(code) });
      for (const step of undo.splice(0)) step();
    },
  };
}

function isPing(data: WSMessageReceive): boolean {
  if (typeof data !== 'string') return false;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ping';
  } catch {
    return false;
  }
}
