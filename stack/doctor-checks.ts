import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { ADDRESS_VARIABLES, addressAnswers, givenAddress } from './address.ts';
import { findProgram, INSTALL } from './build.ts';
import type { Check, Finding } from './check.ts';
import { dockerEngine } from './docker.ts';
import { cacheRoot, DEFAULT_STACK_DIR, hostEnvironment } from './environment.ts';
import { isFree } from './ports.ts';
import { packagedBinaries } from './postgres-home.ts';
import { isAlive, readState } from './state.ts';
import { SERVICE_NAMES, type ServiceName } from './types.ts';
import { FIXED_PORTS, VERSIONS } from './versions.ts';

export function machineChecks(): readonly Check[] {
  return [
    { title: 'Programs', run: programs },
    { title: 'Servers: where each would come from', run: rungs },
    { title: 'Servers: what runs now', run: running },
    { title: 'Artifacts', run: artifacts },
  ];
}

async function programs(): Promise<Finding[]> {
  const node: Finding = process.versions.node.startsWith('24.')
    ? { name: 'node', state: 'ok', detail: process.versions.node }
    : { name: 'node', state: 'missing', detail: `${process.versions.node}, 24 is needed`, fix: 'npm ci' };
  const isBuilt = (await cached()).some((name) => name.startsWith(`temporal-${VERSIONS.temporalCli}`));
  const hasTemporal = isBuilt || findProgram('temporal') !== undefined;
  return [
    node,
    await program('java', ['-version'], INSTALL.java, 'missing'),
    await program('mvn', ['-version'], INSTALL.mvn, 'missing'),
    await program('go', ['version'], INSTALL.go, hasTemporal ? 'note' : 'missing'),
  ];
}

async function program(
  name: string,
  args: string[],
  fix: string,
  absent: 'note' | 'missing',
): Promise<Finding> {
  const path = findProgram(name);
  if (path === undefined) return { name, state: absent, detail: 'not on PATH', fix };
  const { stdout, stderr } = await promisify(execFile)(path, args);
  return {
    name,
    state: 'ok',
    detail: `${
      stripVTControlCharacters(stdout || stderr)
        .trim()
        .split('\n')[0]
    } (${path})`,
  };
}

async function rungs(): Promise<Finding[]> {
  const engine = await dockerEngine();
  const found = await Promise.all(SERVICE_NAMES.map(async (service) => await rung(service, engine)));
  return [
    engine === undefined
      ? { name: 'docker', state: 'note', detail: 'no engine answers; the native rung is used' }
      : { name: 'docker', state: 'ok', detail: `engine ${engine}` },
    ...found,
  ];
}

async function rung(service: ServiceName, engine: string | undefined): Promise<Finding> {
  const address = givenAddress(service, hostEnvironment());
  if (address !== undefined) {
    const variable = ADDRESS_VARIABLES[service];
    return (await addressAnswers(service, address))
      ? { name: service, state: 'ok', detail: `given by ${variable}, answers` }
      : {
          name: service,
          state: 'missing',
          detail: `${variable} is set, nothing answers there`,
          fix: `unset ${variable}`,
        };
  }
  if (engine !== undefined) return { name: service, state: 'ok', detail: 'docker-compose.yml' };
  return { name: service, state: 'ok', detail: await nativeSource(service) };
}

async function nativeSource(service: ServiceName): Promise<string> {
  switch (service) {
    case 'postgres':
      return `native ${VERSIONS.postgres}, ${await packagedBinaries()}`;
    case 'kafka':
      return `native ${VERSIONS.kafka}, jars through Maven`;
    case 'temporal': {
      const cli = findProgram('temporal');
      return cli === undefined ? `native, CLI ${VERSIONS.temporalCli} built with Go` : `native, ${cli}`;
    }
  }
}

async function running(): Promise<Finding[]> {
  const state = await readState(DEFAULT_STACK_DIR);
  if (state !== undefined && isAlive(state.launcherPid)) {
    const servers = SERVICE_NAMES.flatMap((name) => {
      const server = state.servers[name];
      return server === undefined ? [] : [{ name, server }];
    });
    return await Promise.all(
      servers.map(async ({ name, server }): Promise<Finding> => {
        const detail = `${server.report.version} at ${server.address}, process ${state.launcherPid}`;
        return (await addressAnswers(name, server.address))
          ? { name, state: 'ok', detail }
          : { name, state: 'missing', detail: `${detail} does not answer`, fix: 'npm run stack -- down' };
      }),
    );
  }
  const ports = await Promise.all(
    Object.entries(FIXED_PORTS).map(async ([name, port]): Promise<Finding> => {
      const detail = (await isFree(port))
        ? `port ${port} is free`
        : `port ${port} is taken; a free one will be used`;
      return { name, state: 'note', detail };
    }),
  );
  return [
    { name: 'stack', state: 'note', detail: 'nothing runs; `npm run stack -- up` starts the servers' },
    ...ports,
  ];
}

async function artifacts(): Promise<Finding[]> {
  const names = await cached();
  const wanted: [name: string, cost: string][] = [
    [`temporal-${VERSIONS.temporalCli}`, 'about four minutes'],
    [`kafka-${VERSIONS.kafka}`, 'about ten seconds'],
    [`test-server-${VERSIONS.testServer}`, 'about ten seconds'],
  ];
  return wanted.map(([name, cost]) => {
    const isThere = names.some((entry) =>
      new RegExp(`^${name.replaceAll('.', '\\.')}-[0-9a-f]{8}$`).test(entry),
    );
    return isThere
      ? { name, state: 'ok', detail: `in ${cacheRoot()}` }
      : { name, state: 'note', detail: `not built yet; the first start builds it (${cost})` };
  });
}

const cached = async (): Promise<string[]> => await readdir(cacheRoot()).catch(() => []);
