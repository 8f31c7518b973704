import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, expect, inject, test } from 'vitest';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { createLog } from '../../platform/log.ts';
import { hostEnvironment } from '../../stack/environment.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { eventually } from '../events/support.ts';
import { testDatabase } from '../support/database.ts';
import { testSettings } from './economy-world.ts';

const { db, url } = await testDatabase();
await ensureDeployment(db, 'development');
const { kafkaBrokers } = inject('servers');
const prefix = `t${randomUUID().slice(0, 8)}.`;
const settings = {
  ...testSettings(url),
  KAFKA_BROKERS: kafkaBrokers.join(','),
  KAFKA_TOPIC_PREFIX: prefix,
  LOG_LEVEL: 'info',
};
const children = new Set<ReturnType<typeof spawn>>();
afterAll(async () => {
  children.forEach((child) => child.kill('SIGKILL'));
  const log = createLog('test', 'silent');
  const broker = createBroker({ brokers: kafkaBrokers, clientId: 'test', prefix, log });
  await broker.admin.deleteTopics(await broker.admin.listTopics());
  await broker.close();
});

type Line = { msg: string; healthPort?: number };
type Report = { ready: boolean; dependencies: Record<string, { ok: boolean }> };

/** A role as a process; `lines` is its log so far. */
function startRole(script: string, more: Record<string, string>) {
  const env = { ...hostEnvironment(), ...settings, ...more };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  children.add(child);
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => void lines.push(JSON.parse(line) as Line));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const port = () =>
    eventually('a health port', () => lines.find(({ healthPort }) => healthPort !== undefined)?.healthPort);
  return {
    child,
    lines,
    exited,
    ask: async (path: string) => fetch(`http://127.0.0.1:${await port()}${path}`),
    async dependencies() {
      const { dependencies } = (await (await this.ask('/readyz')).json()) as Report;
      return Object.fromEntries(Object.entries(dependencies).map(([name, { ok }]) => [name, ok]));
    },
  };
}

/** An address where nobody answers until `open`, then PostgreSQL does. */
async function closedDoor() {
  const server: Server = createServer((socket) => {
    const { hostname, port } = new URL(url);
    const onward = connect(Number(port), hostname);
    for (const side of [socket, onward]) side.on('error', () => {});
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const through = new URL(url);
  through.host = `127.0.0.1:${port}`;
  return { url: through.href, server, open: () => server.listen(port, '127.0.0.1') };
}

test('a process started while PostgreSQL is away lives, says so once, and is ready when it is there', async () => {
  const door = await closedDoor();
  const relay = startRole('workers/outbox-relay.ts', { DATABASE_URL: door.url });
  expect((await relay.ask('/livez')).status).toBe(200);
  expect((await relay.ask('/readyz')).status).toBe(503);
  await eventually('Kafka answers', async () => (await relay.dependencies())['kafka']);
  expect(await relay.dependencies()).toEqual({ start: false, postgres: false, kafka: true });
  door.open();
  await eventually('ready', async () => (await relay.ask('/readyz')).status === 200);
  const said = relay.lines.map(({ msg }) => msg);
  expect(said.filter((msg) => msg === 'waiting for PostgreSQL')).toHaveLength(1);
  expect(said).toContain('started');
  relay.child.kill('SIGTERM');
  expect(await relay.exited).toBe(0);
  door.server.close();
});

test('a process that still waits for Temporal says so in /readyz and ends in order when asked to', async () => {
  const workflows = startRole('workers/workflows.ts', { TEMPORAL_ADDRESS: '127.0.0.1:1' });
  await eventually('it waits', () => workflows.lines.some(({ msg }) => msg === 'waiting for Temporal'));
  expect(await workflows.dependencies()).toEqual({ start: false, postgres: true, temporal: false });
  workflows.child.kill('SIGTERM');
  expect(await workflows.exited).toBe(0);
  expect(workflows.lines.some(({ msg }) => msg === 'started')).toBe(false);
});

test('what PostgreSQL answers is final: a process of another environment ends at its start', async () => {
  const role = startRole('workers/outbox-relay.ts', { LOOTLEDGER_ENVIRONMENT: 'production' });
  expect(await role.exited).toBe(1);
});
