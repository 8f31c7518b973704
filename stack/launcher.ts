import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addressAnswers, ADDRESS_VARIABLES, givenAddress } from './address.ts';
import { hostEnvironment } from './environment.ts';
import { foreignControl, ownOrJoin, type OwnedDir } from './own-or-join.ts';
import { createReporter, type Reporter } from './progress.ts';
import { startOwned, type StartedServer } from './start-owned.ts';
import { SERVICE_NAMES, type Environment, type ServiceName, type Stack, type StackOptions } from './types.ts';

export type * from './types.ts';

type Started = Partial<Record<ServiceName, StartedServer>>;

/**
 * Finds or starts the real servers, in parallel. For each one the first rung that holds: an address in the
 * environment, a Docker engine that answers, local binaries. There is no fake behind the last rung: what is missing
 * is named with the command that installs it. Servers started here end with this process, however it ends.
 *
 * A second call for the same `dir`, from any process, joins the servers that the first one runs.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dir = resolve(options.dir);
  const wanted = options.services ?? SERVICE_NAMES;
  const reporters = createReporters(options);
  try {
    const given = await findGiven(wanted, options.env ?? hostEnvironment(), reporters);
    const missing = wanted.filter((service) => given[service] === undefined);
    if (missing.length === 0) return assemble(given, async () => undefined);

    await mkdir(dir, { recursive: true });
    const place = await ownOrJoin(dir, missing, options.fresh ?? false, reporters);
    if (place.kind === 'joined') return assemble({ ...given, ...place.servers }, async () => undefined);
    const { servers, stop } = await startAndRelease(place, missing, options, reporters);
    return assemble({ ...given, ...servers }, stop);
  } finally {
    for (const reporter of Object.values(reporters)) reporter.end();
  }
}

async function startAndRelease(
  place: OwnedDir,
  services: readonly ServiceName[],
  options: StackOptions,
  reporters: Record<ServiceName, Reporter>,
): Promise<{ servers: Started; stop(): Promise<void> }> {
  try {
    const { servers, stop } = await startOwned(place.dir, services, options, reporters);
    let stopping: Promise<void> | undefined;
    return { servers, stop: () => (stopping ??= stop().finally(() => place.release())) };
  } catch (error) {
    await place.release();
    throw error;
  }
}

function createReporters(options: StackOptions): Record<ServiceName, Reporter> {
  return {
    postgres: createReporter('postgres', options.onProgress),
    kafka: createReporter('kafka', options.onProgress),
    temporal: createReporter('temporal', options.onProgress),
  };
}

/** First rung. A given address that does not answer is an error: starting something else instead would hide it. */
async function findGiven(
  services: readonly ServiceName[],
  env: Environment,
  reporters: Record<ServiceName, Reporter>,
): Promise<Started> {
  const found: Started = {};
  await Promise.all(
    services.map(async (service) => {
      const address = givenAddress(service, env);
      if (address === undefined) return;
      const variable = ADDRESS_VARIABLES[service];
      reporters[service].report('starting', `asking the server of ${variable}`);
      if (!(await addressAnswers(service, address))) {
        throw new Error(
          `${variable} is set but no ${service} server answers there; unset it to start one here`,
        );
      }
      const report = { rung: 'address', version: 'unknown', detail: `given by ${variable}` } as const;
      const uiUrl = service === 'temporal' ? env['TEMPORAL_UI_URL'] : undefined;
      found[service] = {
        state: { report, address, ...(uiUrl === undefined ? {} : { uiUrl }) },
        control: foreignControl(service),
      };
      reporters[service].report('ready', report.detail);
    }),
  );
  return found;
}

function assemble(servers: Started, stop: () => Promise<void>): Stack {
  const get = (service: ServiceName): StartedServer => {
    const server = servers[service];
    if (server === undefined)
      throw new Error(`${service} is not part of this stack; name it in \`services\``);
    return server;
  };
  return {
    get databaseUrl() {
      return get('postgres').state.address;
    },
    get kafkaBrokers() {
      return get('kafka').state.address.split(',');
    },
    get temporalAddress() {
      return get('temporal').state.address;
    },
    get temporalUiUrl() {
      return get('temporal').state.uiUrl;
    },
    rungs: byService((service) => get(service).state.report),
    services: byService((service) => get(service).control),
    stop,
  };
}

function byService<T>(get: (service: ServiceName) => T): Record<ServiceName, T> {
  return {
    get postgres() {
      return get('postgres');
    },
    get kafka() {
      return get('kafka');
    },
    get temporal() {
      return get('temporal');
    },
  };
}
