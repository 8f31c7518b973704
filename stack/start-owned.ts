import { dockerEngine, startDocker } from './docker.ts';
import type { Reporter } from './progress.ts';
import { startNative } from './start-native.ts';
import { writeState, type ServerState, type StackState } from './state.ts';
import type { ServiceControl, ServiceName, StackOptions } from './types.ts';
import { DATABASE, FIXED_PORTS, VERSIONS } from './versions.ts';

export interface StartedServer {
  readonly state: ServerState;
  readonly control: ServiceControl;
}

export interface OwnedServers {
  readonly servers: Partial<Record<ServiceName, StartedServer>>;
  stop(): Promise<void>;
}

type Reporters = Record<ServiceName, Reporter>;

/** Second and third rung: servers that this process runs in a data folder that it owns. */
export async function startOwned(
  dir: string,
  services: readonly ServiceName[],
  options: StackOptions,
  reporters: Reporters,
): Promise<OwnedServers> {
  const state: StackState = {
    launcherPid: process.pid,
    startedAt: new Date().toISOString(),
    ready: false,
    servers: {},
  };
  await writeState(dir, state);
  const owned = await climb(dir, services, options, reporters, async (service, server) => {
    state.servers[service] = server;
    await writeState(dir, state);
  });
  for (const service of services) {
    const started = owned.servers[service];
    if (started !== undefined) state.servers[service] = started.state;
  }
  await writeState(dir, { ...state, ready: true });
  return owned;
}

type OnStarted = (service: ServiceName, server: ServerState) => Promise<void>;

async function climb(
  dir: string,
  services: readonly ServiceName[],
  options: StackOptions,
  reporters: Reporters,
  onStarted: OnStarted,
): Promise<OwnedServers> {
  const engine = options.rung === 'native' ? undefined : await dockerEngine();
  if (engine === undefined) {
    if (options.rung === 'docker') throw new Error('no Docker engine answers (`docker version` shows why)');
    return await startAllNative(dir, services, options, reporters, onStarted, '');
  }
  try {
    return await startAllInDocker(dir, services, options, reporters, engine);
  } catch (error) {
    if (options.rung === 'docker') throw error;
    // An engine without our images and without a network is no reason to give up: the same servers run natively.
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return await startAllNative(
      dir,
      services,
      options,
      reporters,
      onStarted,
      `; Docker did not work: ${why}`,
    );
  }
}

async function startAllNative(
  dir: string,
  services: readonly ServiceName[],
  options: StackOptions,
  reporters: Reporters,
  onStarted: OnStarted,
  remark: string,
): Promise<OwnedServers> {
  const servers: Partial<Record<ServiceName, StartedServer>> = {};
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(servers).map(async (started) => await started.control.stop()));
  };
  const ports = options.ports ?? 'free';
  const durability = options.durability ?? 'safe';
  const outcomes = await Promise.allSettled(
    services.map(async (service) => {
      const reporter = reporters[service];
      try {
        const { server, control } = await startNative(service, { dir, ports, durability, reporter });
        const moved = ports === 'fixed' && server.port !== FIXED_PORTS[service];
        const detail = `${server.detail}${moved ? `; port ${FIXED_PORTS[service]} was taken` : ''}${remark}`;
        const report = { rung: 'native', version: server.version, detail } as const;
        const uiUrl = server.uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${server.uiPort}` };
        const pid = control.pid === undefined ? {} : { pid: control.pid };
        const state = { report, address: addressOf(service, server.port), ...uiUrl, ...pid };
        servers[service] = { state, control };
        await onStarted(service, state);
        reporter.report(
          'ready',
          `127.0.0.1:${server.port}${moved ? ` (${FIXED_PORTS[service]} was taken)` : ''}`,
        );
      } catch (error) {
        reporter.report('failed', error instanceof Error ? error.message : String(error));
        throw error;
      }
    }),
  );
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (failures.length === 0) return { servers, stop };
  await stop();
  throw new AggregateError(failures, failures.map(String).join('\n'));
}

async function startAllInDocker(
  dir: string,
  services: readonly ServiceName[],
  options: StackOptions,
  reporters: Reporters,
  engine: string,
): Promise<OwnedServers> {
  const docker = await startDocker(dir, services, options.ports ?? 'free', options.fresh ?? false, reporters);
  const servers: Partial<Record<ServiceName, StartedServer>> = {};
  for (const service of services) {
    const version = { postgres: VERSIONS.postgres, kafka: VERSIONS.kafka, temporal: VERSIONS.temporalServer }[
      service
    ];
    const port = docker.ports[service];
    const uiUrl = service === 'temporal' ? { uiUrl: `http://127.0.0.1:${docker.ports.temporalUi}` } : {};
    servers[service] = {
      state: {
        report: { rung: 'docker', version, detail: `docker-compose.yml, Docker engine ${engine}` },
        address: addressOf(service, port),
        ...uiUrl,
      },
      control: docker.control(service),
    };
    reporters[service].report('ready', `127.0.0.1:${port}`);
  }
  return { servers, stop: async () => await docker.stop() };
}

function addressOf(service: ServiceName, port: number): string {
  if (service !== 'postgres') return `127.0.0.1:${port}`;
  return `postgres://${DATABASE.user}:${DATABASE.password}@127.0.0.1:${port}/${DATABASE.name}`;
}
