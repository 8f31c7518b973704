import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { CrashPoint } from '../../platform/crash-points.ts';
import { hostEnvironment } from '../../stack/environment.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import type { TestApi } from '../api/support.ts';
import { testApi } from '../api/support.ts';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { testSettings } from './economy-world.ts';

let api: TestApi;
let token: string;
let databaseUrl: string;
const children = new Set<ReturnType<typeof spawn>>();
beforeAll(async () => {
  api = await testApi();
  token = await api.key(['grants:write', 'spends:write'], 'game');
  const { rows } = await api.db.query<{ name: string }>('SELECT current_database() AS name');
  databaseUrl = Object.assign(new URL(inject('servers').databaseUrl), { pathname: `/${rows[0]!.name}` }).href;
});
afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Sends to an API process that kills itself at `point`, so that the effect is committed and the answer is lost. */
async function losesAnswer(point: CrashPoint, path: string, body: object): Promise<void> {
  const port = await freePort();
  const child = spawn(process.execPath, ['workers/api.ts'], {
    env: {
      ...hostEnvironment(),
      ...testSettings(databaseUrl),
      KAFKA_BROKERS: inject('servers').kafkaBrokers.join(','),
      API_HOST: '127.0.0.1',
      API_PORT: String(port),
      CRASH_POINT: point,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.add(child);
  const died = once(child, 'exit') as Promise<[number | null, string | null]>;
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/livez`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  const answer = fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  await expect(answer).rejects.toThrow('fetch failed');
  expect(await died).toEqual([null, 'SIGKILL']);
  children.delete(child);
}

const again = (path: string, body: object) => api.send('POST', path, { token, key: randomUUID(), body });
const lines = [{ asset: 'gold', amount: '40' }];
async function goldOf(player: { token: string }): Promise<unknown> {
  const { body } = await api.send('GET', '/v1/wallet', { token: player.token });
  return (body['balances'] as { asset: string; balance: string }[]).find(({ asset }) => asset === 'gold')!
    .balance;
}

test('killed after a spend: the same reference meets it and takes nothing more', async () => {
  const player = await api.player();
  const body = { reference: randomUUID(), player: { id: player.playerId }, lines };
  await losesAnswer('after-spend-before-reply', '/v1/spends', body);
  expect(await goldOf(player)).toBe('60');
  expect((await again('/v1/spends', body)).status).toBe(200);
  expect(await goldOf(player)).toBe('60');
});

test('killed after a batch of grants: every line is met, deferred ones too', async () => {
  const player = await api.player();
  const grant = (change: object) => ({
    reference: randomUUID(),
    player: { id: player.playerId },
    lines,
    ...change,
  });
  const body = { grants: [grant({}), grant({ deferred: true })] };
  await losesAnswer('after-grants-before-reply', '/v1/grants/batch', body);
  const reply = await again('/v1/grants/batch', body);
  expect(reply.body['results']).toMatchObject([
    { status: 'paid', replayed: true, mailbox: [] },
    { status: 'paid', replayed: true, mailbox: [{ amount: '40', status: 'waiting' }] },
  ]);
  expect(await goldOf(player)).toBe('140');
});

test('after all of it the books are whole', async () => {
  expect((await checkInvariants(api.db)).filter(({ ok }) => !ok)).toEqual([]);
});
