import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../platform/config.ts';
import {
  COMPOSE_PORT_VARIABLES,
  DATABASE,
  FIXED_PORTS,
  IMAGES,
  KAFKA_HEAP,
  KAFKA_SETTINGS,
  NAMESPACE,
  POSTGRES_SETTINGS,
  SEARCH_ATTRIBUTES,
} from '../../stack/versions.ts';

// No Docker engine runs where this is tested: what can be checked without one is checked here.

const ROOT = join(import.meta.dirname, '../..');

const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      command: z.array(z.string()).default([]),
      profiles: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
      ports: z.array(z.string()).default([]),
      healthcheck: z.unknown().optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      volumes: z.array(z.string()).default([]),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});

let raw: unknown;
let compose: z.infer<typeof composeFile>;

beforeAll(async () => {
  raw = parse(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
  compose = composeFile.parse(raw);
});

function service(name: string): z.infer<typeof composeFile>['services'][string] {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

const servers = (): string[] =>
  Object.keys(compose.services).filter((name) => service(name).profiles.length === 0);
const processes = (): string[] =>
  Object.keys(compose.services).filter((name) => service(name).profiles.includes('app'));

test('the file is valid by the Compose Specification', async () => {
  const { $schema: _, ...schema } = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(await readFile(join(import.meta.dirname, 'compose-spec.json'), 'utf8')));
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  validate(raw);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ services: { postgres: { imagee: 'postgres' } } })).toBe(false);
});

test('every image is the version that the native rung runs', () => {
  expect(Object.fromEntries(servers().map((name) => [name, service(name).image]))).toEqual(IMAGES);
});

test('every port of a server is the fixed one, on the loopback address, and can be moved as the launcher moves it', () => {
  const published = {
    postgres: [service('postgres').ports, 5432],
    kafka: [service('kafka').ports, 9092],
    temporal: [service('temporal').ports, 7233],
    temporalUi: [service('temporal-ui').ports, 8080],
  } as const;
  for (const name of ['postgres', 'kafka', 'temporal', 'temporalUi'] as const) {
    const [ports, inside] = published[name];
    expect(ports).toEqual([`127.0.0.1:\${${COMPOSE_PORT_VARIABLES[name]}:-${FIXED_PORTS[name]}}:${inside}`]);
  }
  expect(service('kafka').environment['KAFKA_ADVERTISED_LISTENERS']).toContain(
    `OUTSIDE://127.0.0.1:\${${COMPOSE_PORT_VARIABLES.kafka}:-${FIXED_PORTS.kafka}}`,
  );
});

test('credentials, settings and search attributes are those of the native rung', () => {
  expect(service('postgres').environment).toEqual({
    POSTGRES_USER: DATABASE.user,
    POSTGRES_PASSWORD: DATABASE.password,
    POSTGRES_DB: DATABASE.name,
  });
  for (const [name, value] of Object.entries(POSTGRES_SETTINGS)) {
    expect(service('postgres').command).toContain(`${name}=${value}`);
  }
  for (const [name, value] of Object.entries(KAFKA_SETTINGS)) {
    const variable = `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`;
    expect([variable, service('kafka').environment[variable]]).toEqual([variable, String(value)]);
  }
  expect(service('kafka').environment['KAFKA_HEAP_OPTS']).toContain(`-Xmx${KAFKA_HEAP}`);
  expect(service('temporal-namespace').environment).toMatchObject({
    TEMPORAL_NAMESPACE: NAMESPACE,
    SEARCH_ATTRIBUTES: Object.entries(SEARCH_ATTRIBUTES)
      .map(([name, type]) => `${name}=${type}`)
      .join(' '),
  });
  for (const name of ['temporal-schema', 'temporal']) {
    expect(Object.values(service(name).environment)).toEqual(
      expect.arrayContaining([DATABASE.user, DATABASE.password]),
    );
  }
});

test('everything that runs on is watched, and data outlives its container', () => {
  const oneShot = new Set(['temporal-schema', 'temporal-namespace', 'migrate', 'temporal-ui']);
  const unwatched = Object.keys(compose.services).filter((name) => service(name).healthcheck === undefined);
  expect(unwatched.filter((name) => !oneShot.has(name))).toEqual([]);
  expect(Object.keys(compose.volumes)).toEqual(['postgres-data', 'kafka-data']);
});

test('the app profile runs one service per process, with settings that exist', () => {
  const commands = Object.fromEntries(processes().map((name) => [name, service(name).command.join(' ')]));
  expect(commands).toMatchObject({
    api: 'node workers/api.ts',
    'match-host': 'node workers/match-host.ts',
    workflows: 'node workers/workflows.ts',
    'outbox-relay': 'node workers/outbox-relay.ts',
    consumers: 'node workers/consumers.ts',
  });
  const settings = Object.keys(configSchema.shape);
  for (const name of processes()) {
    expect(Object.keys(service(name).environment).filter((variable) => !settings.includes(variable))).toEqual(
      [],
    );
  }
});

test('in a container, metrics and health can be asked from outside', async () => {
  for (const name of processes()) expect(service(name).environment['METRICS_HOST']).toBe('0.0.0.0');
  expect(await readFile(join(ROOT, 'deploy/Dockerfile'), 'utf8')).toMatch(/^ENV .*METRICS_HOST=0\.0\.0\.0/m);
});

test('the image is built on the Node version that the checkout pins', async () => {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
  const images = [
    ...(await readFile(join(ROOT, 'deploy/Dockerfile'), 'utf8')).matchAll(/^FROM node:([\d.]+)/gm),
  ];
  expect(new Set(images.map(([, version]) => version))).toEqual(new Set([dependencies['node']]));
});
