import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram, logTail } from './build.ts';
import { spawnKept, type KeptChild } from './children.ts';
import { CHECKOUT_DIR, hostEnvironment } from './environment.ts';
import { freePort, preferredPort } from './ports.ts';
import { probeKafka, probePostgres } from './probe.ts';
import type { Reporter } from './progress.ts';
import { temporalAnswers } from './temporal-answers.ts';
import type { Environment, ServiceControl, ServiceName } from './types.ts';
import { COMPOSE_PORT_VARIABLES, FIXED_PORTS } from './versions.ts';

const run = promisify(execFile);

const COMPOSE_FILE = join(CHECKOUT_DIR, 'docker-compose.yml');

/** Pulling four images on a slow line takes minutes. */
const START_TIMEOUT_MS = 600_000;

/** The compose services behind each of ours; the rest comes through `depends_on`. */
const COMPOSE_SERVICES: Readonly<Record<ServiceName, readonly string[]>> = {
  postgres: ['postgres'],
  kafka: ['kafka'],
  temporal: ['temporal', 'temporal-namespace', 'temporal-ui'],
};

/** Version of the engine, or undefined: a Docker client without an engine is common and counts as no Docker. */
export async function dockerEngine(): Promise<string | undefined> {
  const docker = findProgram('docker');
  if (docker === undefined) return undefined;
  try {
    const { stdout } = await run(docker, ['version', '--format', '{{.Server.Version}}'], { timeout: 5_000 });
    await run(docker, ['compose', 'version'], { timeout: 5_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

interface ComposePorts {
  readonly postgres: number;
  readonly kafka: number;
  readonly temporal: number;
  readonly temporalUi: number;
}

export interface DockerStack {
  readonly ports: ComposePorts;
  control(service: ServiceName): ServiceControl;
  stop(): Promise<void>;
}

/** Runs `docker compose up` in the foreground under a keeper, so that the containers stop with the launcher. */
export async function startDocker(
  dir: string,
  services: readonly ServiceName[],
  ports: 'fixed' | 'free',
  fresh: boolean,
  reporters: Readonly<Record<ServiceName, Reporter>>,
): Promise<DockerStack> {
  const chosen = await choosePorts(ports);
  const env = composeEnvironment(dir, chosen);
  const compose = async (...args: string[]): Promise<void> => {
    await run('docker', ['compose', '-f', COMPOSE_FILE, ...args], { env: { ...env }, cwd: CHECKOUT_DIR });
  };
  if (fresh) await compose('down', '--volumes', '--remove-orphans');
  for (const service of services) reporters[service].report('starting', 'docker compose up');
  const path = join(dir, 'docker.log');
  const child = await spawnKept(
    {
      file: 'docker',
      args: [
        'compose',
        '-f',
        COMPOSE_FILE,
        'up',
        ...services.flatMap((service) => COMPOSE_SERVICES[service]),
      ],
      env,
      cwd: CHECKOUT_DIR,
      stopSignal: 'TERM',
      stopGraceSeconds: 30,
    },
    path,
  );
  const waitUntilAnswering = async (service: ServiceName): Promise<void> => {
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (!(await answers(service, chosen))) {
      await assertRunning(child, path);
      if (performance.now() > deadlineMs) throw new Error(`${service} does not answer in Docker (${path})`);
      await sleep(250);
    }
  };
  try {
    await Promise.all(services.map(waitUntilAnswering));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    ports: chosen,
    control: (service) => ({
      stop: async (signal) => {
        if (signal === undefined) await compose('stop', service);
        else await compose('kill', '-s', signal, service);
      },
      start: async () => {
        await compose('start', service);
        await waitUntilAnswering(service);
      },
    }),
    stop: async () => await child.stop(),
  };
}

async function choosePorts(ports: 'fixed' | 'free'): Promise<ComposePorts> {
  const choose = async (fixed: number): Promise<number> =>
    ports === 'fixed' ? await preferredPort(fixed) : await freePort();
  return {
    postgres: await choose(FIXED_PORTS.postgres),
    kafka: await choose(FIXED_PORTS.kafka),
    temporal: await choose(FIXED_PORTS.temporal),
    temporalUi: await choose(FIXED_PORTS.temporalUi),
  };
}

/** Every data folder is a compose project of its own, so two checkouts do not share containers or volumes. */
function composeEnvironment(dir: string, ports: ComposePorts): Environment {
  const project = `lootledger-${createHash('sha256').update(dir).digest('hex').slice(0, 8)}`;
  return {
    ...hostEnvironment(),
    COMPOSE_PROJECT_NAME: project,
    [COMPOSE_PORT_VARIABLES.postgres]: String(ports.postgres),
    [COMPOSE_PORT_VARIABLES.kafka]: String(ports.kafka),
    [COMPOSE_PORT_VARIABLES.temporal]: String(ports.temporal),
    [COMPOSE_PORT_VARIABLES.temporalUi]: String(ports.temporalUi),
  };
}

async function answers(service: ServiceName, ports: ComposePorts): Promise<boolean> {
  switch (service) {
    case 'postgres':
      return await probePostgres('127.0.0.1', ports.postgres);
    case 'kafka':
      return await probeKafka('127.0.0.1', ports.kafka);
    case 'temporal':
      return await temporalAnswers(`127.0.0.1:${ports.temporal}`);
  }
}

async function assertRunning(child: KeptChild, path: string): Promise<void> {
  if (!child.running)
    throw new Error(`docker compose ended with code ${await child.exited}:\n${await logTail(path)}`);
}
