import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { SOCKET_PATH, SUBPROTOCOL, closeCodes, socketLimits } from '../domain/arena/protocol.ts';
import type { CloseCode } from '../domain/arena/protocol.ts';
import type { Db } from '../store/db.ts';
import { redeemTicket } from '../store/matches/redeem-ticket.ts';
import { Connection } from './connection.ts';
import type { ConnectionDeps } from './connection.ts';
import { createRate } from './rate.ts';

export type SocketDeps = Omit<ConnectionDeps, 'clock'> & {
  db: Db;
  clock?: () => number;
  /** Browser origins that may connect; empty: any. A client that is no browser sends none. */
  allowedOrigins?: readonly string[];
  pingIntervalMs?: number;
};

export type Sockets = { close(): Promise<void> };

/** Takes match sockets on the server: `GET /v1/arena?ticket=…`, subprotocol `arena.v1`. */
export function serveSockets(server: Server, deps: SocketDeps): Sockets {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: socketLimits.frameBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  function onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // Node has taken its own listener away: a reset by the other side would otherwise end the process.
    stream.on('error', () => {});
    // `GET //` is HTTP and no URL.
    const url = URL.parse(request.url ?? '/', 'http://host');
    if (url === null) return refuseUpgrade(stream, '400 Bad Request');
    if (url.pathname !== SOCKET_PATH) return refuseUpgrade(stream, '404 Not Found');
    const { origin } = request.headers;
    const origins = deps.allowedOrigins ?? [];
    if (origin !== undefined && origins.length > 0 && !origins.includes(origin))
      return refuseUpgrade(stream, '403 Forbidden');
    if (!offersProtocol(request)) return refuseUpgrade(stream, '400 Bad Request');
    sockets.handleUpgrade(request, stream, head, (socket) =>
      accept(socket, url.searchParams.get('ticket') ?? '', deps),
    );
  }
  server.on('upgrade', onUpgrade);

  const heartbeat = setInterval(
    () => pingAll(sockets.clients),
    deps.pingIntervalMs ?? socketLimits.pingIntervalMs,
  );
  return {
    close() {
      clearInterval(heartbeat);
      server.off('upgrade', onUpgrade);
      for (const socket of sockets.clients) socket.close(closeCodes.deploy, 'the host is stopping');
      return new Promise((resolve) => {
        const giveUp = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), 1_000);
        sockets.close(() => {
          clearTimeout(giveUp);
          resolve();
        });
      });
    },
  };
}

const offersProtocol = ({ headers }: IncomingMessage) =>
  (headers['sec-websocket-protocol'] ?? '').split(',').some((name) => name.trim() === SUBPROTOCOL);

function refuseUpgrade(stream: Duplex, status: string): void {
  stream.once('finish', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Sockets that answered the last ping. */
const alive = new WeakSet<WebSocket>();

function pingAll(clients: ReadonlySet<WebSocket>): void {
  for (const socket of clients) {
    if (!alive.has(socket)) {
      socket.terminate();
      continue;
    }
    alive.delete(socket);
    socket.ping();
  }
}

/** Frames that come while the ticket is being looked up wait for it. */
function accept(socket: WebSocket, ticket: string, deps: SocketDeps): void {
  const clock = deps.clock ?? (() => performance.now());
  const mayFlow = createRate(socketLimits.framesPerSecondMax, clock);
  const early: string[] = [];
  let connection: Connection | undefined;
  alive.add(socket);
  deps.metrics.websocketConnections.inc({ kind: 'arena' });

  socket.on('pong', () => alive.add(socket));
  // What is wrong with a frame (too big, bad UTF-8) closes the socket with its code; the error itself is no news.
  socket.on('error', () => {});
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) return socket.close(closeCodes.notText, 'frames are JSON text');
    if (!mayFlow()) return socket.close(closeCodes.badFrames, 'too many frames');
    const text = (data as Buffer).toString('utf8');
    if (connection === undefined) early.push(text);
    else connection.receive(text);
  });
  socket.on('close', (code) => {
    connection?.closed();
    deps.metrics.websocketConnections.dec({ kind: 'arena' });
    deps.metrics.websocketCloses.inc({ code: String(code) });
  });

  open()
    .then((outcome) => {
      if (outcome === null) return;
      if (!(outcome instanceof Connection)) return socket.close(outcome.code, outcome.reason);
      connection = outcome;
      for (const text of early) connection.receive(text);
    })
    .catch((error: unknown) => {
      deps.log.error({ err: error }, 'socket not opened');
      socket.close(closeCodes.overload, 'try again');
    });

  /** Null when the client has gone meanwhile: it must not take the place of one that is here. */
  async function open(): Promise<Connection | { code: CloseCode; reason: string } | null> {
    const right = await redeemTicket(deps.db, ticket);
    if (right === null)
      return { code: closeCodes.badTicket, reason: 'the ticket is unknown, used or expired' };
    const match = await deps.host.find(right.matchId);
    if (match === null) return { code: closeCodes.deploy, reason: 'the match is on another host' };
    if (socket.readyState !== socket.OPEN) return null;
    const stream = match.streamOf(right.playerId);
    if (stream === null) return { code: closeCodes.notYourMatch, reason: 'not your match' };
    return new Connection({ ...deps, clock }, socket, right.playerId, match, stream);
  }
}
