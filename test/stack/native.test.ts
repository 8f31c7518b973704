import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStack, type Stack } from '../../stack/launcher.ts';
import { DATABASE, SEARCH_ATTRIBUTES, VERSIONS } from '../../stack/versions.ts';

let dir: string;
let stack: Stack;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lootledger-native-'));
  stack = await startStack({ dir, env: {}, rung: 'native' });
}, 600_000);

afterAll(async () => {
  await stack?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  return await client
    .query<Row>(sql)
    .then(({ rows }) => rows)
    .finally(async () => await client.end());
}

async function brokerCount(): Promise<number> {
  const admin = new Kafka({ brokers: [...stack.kafkaBrokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  return await admin
    .describeCluster()
    .then(({ brokers }) => brokers.length)
    .finally(async () => await admin.disconnect());
}

test('PostgreSQL answers as superuser of its own database, and keeps what it confirmed', async () => {
  const rows =
    await query(`SELECT current_database() AS database, current_setting('server_version') AS version,
    current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('is_superuser') AS superuser`);
  expect(rows).toEqual([
    {
      database: DATABASE.name,
      version: VERSIONS.postgres,
      fsync: 'on',
      synchronous_commit: 'on',
      superuser: 'on',
    },
  ]);
});

test('Kafka answers and makes no topic that nobody declared', async () => {
  expect(await brokerCount()).toBe(1);
  const kafka = new Kafka({
    brokers: [...stack.kafkaBrokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
  });
  const producer = kafka.producer();
  await producer.connect();
  try {
    await expect(producer.send({ topic: 'misspelt', messages: [{ value: '1' }] })).rejects.toThrow(
      /does not host/,
    );
  } finally {
    await producer.disconnect();
  }
});

test('Temporal has the namespace with our search attributes, and serves its Web UI', async () => {
  const connection = await Connection.connect({ address: stack.temporalAddress });
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(namespaceInfo?.name).toBe('default');
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)),
    );
  } finally {
    await connection.close();
  }
  expect((await fetch(String(stack.temporalUiUrl))).status).toBe(200);
});

test('a server that was killed comes back on its port with its data', async () => {
  await query('CREATE TABLE kept AS SELECT 7 AS number');
  await Promise.all([stack.services.postgres.stop('SIGKILL'), stack.services.kafka.stop('SIGKILL')]);
  await expect(query('SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  await Promise.all([stack.services.postgres.start(), stack.services.kafka.start()]);
  expect(await query('SELECT number FROM kept')).toEqual([{ number: 7 }]);
  expect(await brokerCount()).toBe(1);
});

test('a second launcher joins the servers of the folder and leaves them running', async () => {
  const second = await startStack({ dir, env: {} });
  expect(second.databaseUrl).toBe(stack.databaseUrl);
  expect(second.rungs.kafka).toMatchObject({ rung: 'address', version: VERSIONS.kafka });
  await second.stop();
  await expect(startStack({ dir, env: {}, fresh: true })).rejects.toThrow(/is in use by process/);
  expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('an address in the environment is used, and one where nothing answers is an error', async () => {
  const env = { DATABASE_URL: stack.databaseUrl };
  const given = await startStack({ dir: join(dir, 'other'), services: ['postgres'], env });
  expect(given.rungs.postgres.rung).toBe('address');
  expect(given.databaseUrl).toBe(stack.databaseUrl);
  const wrong = { DATABASE_URL: `postgres://127.0.0.1:${new URL(`http://${stack.temporalAddress}`).port}/x` };
  await expect(startStack({ dir: join(dir, 'other'), services: ['postgres'], env: wrong })).rejects.toThrow(
    /DATABASE_URL is set but no postgres server answers/,
  );
});
