import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import type { WebSocketServerLike } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { LootError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { App } from './app.ts';
import { problemContentType, problemReply } from './middleware/errors.ts';
import { streamSubprotocol } from './stream/websocket.ts';
import { randomBytes, randomUUID } from 'node:crypto';

/** A whole request has to arrive within these; a slow one must not hold a connection. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
/** Above the load balancers' usual 60 s, so that they close first. */
const keepAliveTimeoutMs = 65_000;
/** Beyond what the app refuses with a problem document of its own. */
const headerBytesMax = 64 * 1024;
const frameBytesMax = 16 * 1024;
const drainMsMax = 10_000;
const idleSweepMs = 25;
const halfOpenMsMax = 1_000;

export type HttpServer = { port: number; stop(): Promise<void> };

export async function startServer(
  app: App,
  options: { host: string; port: number; closeStreams: () => void },
): Promise<HttpServer> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: frameBytesMax,
    handleProtocols: (offered) => (offered.has(streamSubprotocol) ? streamSubprotocol : false),
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: options.host,
    serverOptions: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: headerBytesMax,
      connectionsCheckingInterval: 1_000,
      shouldUpgradeCallback: mayUpgrade,
    },
    // The same thing; the types differ in how an optional member is written.
    websocket: { server: sockets as WebSocketServerLike },
  }) as Server;
  server.on('clientError', refuse);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      options.closeStreams();
      // A connection is idle only once its last response is out.
      const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
      const force = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, drainMsMax);
      await closed;
      clearInterval(sweep);
      clearTimeout(force);
    },
  };
}

/**
 * Whatever else asks for an upgrade is answered as plain HTTP: node would hand its socket over bare, without a listener for
 * errors and without a timeout. One that is handed over has its end seen to here, for a client may never close its half.
 */
function mayUpgrade({ headers, socket }: IncomingMessage): boolean {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return false;
  socket.once('finish', () => setTimeout(() => socket.destroy(), halfOpenMsMax).unref());
  return true;
}

/** What is refused before there is a request: the answer is a problem document all the same. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { code, detail } = refusalOf(error);
  const ids = { requestId: randomUUID(), traceId: randomBytes(16).toString('hex') };
  const { status, body } = problemReply(new LootError(code, detail), ids);
  const json = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${code}\r\ncontent-type: ${problemContentType}\r\ncontent-length: ${Buffer.byteLength(json)}\r\n` +
      `x-request-id: ${ids.requestId}\r\nconnection: close\r\n\r\n${json}`,
  );
}

function refusalOf({ code }: NodeJS.ErrnoException): { code: ErrorCode; detail: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request_timeout', detail: 'The request did not arrive in time.' };
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'headers_too_large', detail: `Headers have at most ${headerBytesMax} bytes.` };
    default:
      return { code: 'bad_request', detail: 'This is not HTTP/1.1.' };
  }
}
