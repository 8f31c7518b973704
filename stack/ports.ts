import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Free ports come from below the range that Linux (32768 and up) and macOS (49152 and up) give to outgoing
 * connections: a client of another test could otherwise take the port between our look and the server's bind,
 * or while a server is down in a fault test.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Handed out by this process; two servers started in parallel must not get the same one. */
const taken = new Set<number>();

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new Error(`no free port found between ${LOWEST} and ${HIGHEST}`);
}

export async function preferredPort(port: number): Promise<number> {
  return !taken.has(port) && (await isFree(port)) ? port : await freePort();
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
