import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostEnvironment } from '../../stack/environment.ts';

/** The API as a process of its own, for tests that take it away. `died` tells how it ended. */
export type ApiProcess = { url: string; died: Promise<string | null>; kill(): Promise<void> };

/** Resolves when it serves. `settings` is its whole configuration, a crash point among it; `nodeArgs` go before its file. */
export async function startApiChild(
  settings: Record<string, string>,
  nodeArgs: readonly string[] = [],
): Promise<ApiProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, [...nodeArgs, 'workers/api.ts'], {
    env: { ...hostEnvironment(), ...settings, API_HOST: '127.0.0.1', API_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const died = once(child, 'exit').then(([, signal]) => signal as string | null);
  const url = `http://127.0.0.1:${port}`;
  const isServing = () =>
    fetch(`${url}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isServing())) {
    if (child.exitCode !== null) throw new Error(`the API process ended with ${child.exitCode}`);
    await sleep(50);
  }
  return {
    url,
    died,
    async kill() {
      child.kill('SIGKILL');
      await died;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
