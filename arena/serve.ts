import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createActionDoor } from './action-door.ts';
import type { MatchHost } from './match-host.ts';
import { serveSockets } from './sockets.ts';
import type { SocketDeps } from './sockets.ts';

export type HostPort = { port: number; attach(host: MatchHost, deps: ServeDeps): HostServer };
export type ServeDeps = Omit<SocketDeps, 'host'> & { serviceSecret: string };
export type HostServer = { close(): Promise<void> };

/** Takes the port first: the host registers under addresses that name it, and serves only once it is registered. */
export async function listen(address: { host: string; port: number }): Promise<HostPort> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, attach: (host, deps) => attach(server, host, deps) };
}

function attach(server: Server, host: MatchHost, deps: ServeDeps): HostServer {
  const door = createActionDoor({ host, secret: deps.serviceSecret, log: deps.log });
  const listener = getRequestListener(door.fetch);
  server.on('request', (request, response) => void listener(request, response));
  const sockets = serveSockets(server, { ...deps, host });
  return {
    async close() {
      await sockets.close();
      server.closeIdleConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
