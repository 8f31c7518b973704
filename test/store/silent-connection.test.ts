import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { openDb } from '../../store/db.ts';
import { testDatabase } from '../support/database.ts';

const { url } = await testDatabase();
const sockets = new Set<Socket>();
let isSilent = false;
/** Passes everything on until it falls silent, as a firewall that forgot a connection does. */
const proxy = createServer((near) => {
  const { hostname, port } = new URL(url);
  const far = connect(Number(port), hostname);
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(from);
    from.on('data', (bytes) => isSilent || to.write(bytes));
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  }
});
await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
const through = new URL(url);
through.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
const db = openDb({ url: through.href, connectionCountMax: 1 });
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await db.close().catch(() => {});
  proxy.close();
});

test('a connection that has fallen silent does not hold its place for ever', async () => {
  await db.query('SELECT 1');
  isSilent = true;
  await expect(db.query('SELECT 1')).rejects.toThrow(/timeout/);
  isSilent = false;
  const { rowCount } = await db.query('SELECT 1');
  expect(rowCount).toBe(1);
});

test('a transaction that may take longer has statements that do', async () => {
  const slept = await db.transaction(async (tx) => {
    await tx.query('SET LOCAL transaction_timeout = 0');
    await tx.query('SELECT pg_sleep(16)');
    return 'slept';
  }, 60_000);
  expect(slept).toBe('slept');
});
