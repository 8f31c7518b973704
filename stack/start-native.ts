import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logTail } from './build.ts';
import { spawnKept, type KeptChild } from './children.ts';
import { kafkaRecipe } from './kafka.ts';
import type { NativeRecipe, NativeServer } from './native.ts';
import { freePort, preferredPort } from './ports.ts';
import { postgresRecipe } from './postgres.ts';
import type { Reporter } from './progress.ts';
import { logPath } from './state.ts';
import { temporalRecipe } from './temporal.ts';
import type { ServiceControl, ServiceName } from './types.ts';
import { FIXED_PORTS } from './versions.ts';

const RECIPES: Readonly<Record<ServiceName, NativeRecipe>> = {
  postgres: postgresRecipe,
  kafka: kafkaRecipe,
  temporal: temporalRecipe,
};

/** Temporal migrates its SQLite file at its first start; everything else takes a few seconds on a busy machine. */
const START_TIMEOUT_MS = 60_000;

const PORT_TAKEN = /address already in use|could not bind|failed to bind/i;

export interface NativeStart {
  readonly dir: string;
  readonly ports: 'fixed' | 'free';
  readonly durability: 'safe' | 'unsafe';
  readonly reporter: Reporter;
}

export interface RunningServer {
  readonly server: NativeServer;
  readonly control: ServiceControl;
}

/** Builds, initialises and starts one server; resolves when it answers. */
export async function startNative(service: ServiceName, start: NativeStart): Promise<RunningServer> {
  const dir = join(start.dir, service);
  await mkdir(dir, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const useFixed = start.ports === 'fixed' && attempt === 1;
    const server = await RECIPES[service].prepare({
      dir,
      reporter: start.reporter,
      durability: start.durability,
      port: async (which) => await choosePort(service, which, useFixed),
    });
    start.reporter.report('starting', `127.0.0.1:${server.port}`);
    try {
      return { server, control: await keepRunning(service, server, start.dir) };
    } catch (error) {
      // Between our look at the port and the server's bind somebody else was faster.
      if (attempt < 3 && error instanceof Error && PORT_TAKEN.test(error.message)) continue;
      throw error;
    }
  }
}

async function choosePort(
  service: ServiceName,
  which: 'main' | 'ui' | 'controller',
  useFixed: boolean,
): Promise<number> {
  if (!useFixed || which === 'controller') return await freePort();
  return await preferredPort(which === 'ui' ? FIXED_PORTS.temporalUi : FIXED_PORTS[service]);
}

/** Starts a prepared server and resolves when it answers; its log goes to `dir`. */
export async function keepRunning(
  service: ServiceName,
  server: NativeServer,
  dir: string,
): Promise<ServiceControl> {
  return createControl(service, server, await spawnAndWait(service, server, dir), dir);
}

async function spawnAndWait(service: ServiceName, server: NativeServer, dir: string): Promise<KeptChild> {
  const path = logPath(dir, service);
  const logSizeBefore = (await readFile(path).catch(() => Buffer.alloc(0))).length;
  const child = await spawnKept(server.command, path);
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await server.answers())) {
    if (!child.running) {
      const said = (await readFile(path)).subarray(logSizeBefore).toString('utf8').trimEnd();
      throw new Error(`${service} ended with code ${await child.exited} while starting (${path}):\n${said}`);
    }
    if (performance.now() > deadlineMs) {
      await child.stop();
      throw new Error(
        `${service} does not answer after ${START_TIMEOUT_MS / 1000} s (${path}):\n${await logTail(path)}`,
      );
    }
    await sleep(50);
  }
  return child;
}

function createControl(
  service: ServiceName,
  server: NativeServer,
  first: KeptChild,
  dir: string,
): ServiceControl {
  let child = first;
  return {
    get pid() {
      return child.pid;
    },
    async stop(signal) {
      await child.stop(signal);
    },
    async start() {
      if (!child.running) child = await spawnAndWait(service, server, dir);
    },
  };
}
