import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { openDb } from '../../store/db.ts';
import type { Db, Tx } from '../../store/db.ts';
import { appendPublished } from '../../store/event-log/append-published.ts';
import { claimKey } from '../../store/idempotency/claim-key.ts';
import { storeReply } from '../../store/idempotency/store-reply.ts';
import { testDatabase } from '../support/database.ts';

const { url } = await testDatabase();
const db = openDb({ url, connectionCountMax: 1 });
afterAll(() => db.close());
// servers for tests may commit without the disk altogether
await db.query('SET synchronous_commit = on');

const claim = { scope: 'test', key: 'one', bodyHash: 'x' };
const published = () => ({
  id: randomUUID(),
  topic: 'analytics.event',
  type: 'analytics.event.game-action.v1',
  key: null,
  partition: 0,
  offset: 1n,
  receivedAt: new Date(),
});

async function settingOf(on: Pick<Db, 'query'>): Promise<string | undefined> {
  const { rows } = await on.query<{ synchronous_commit: string }>('SHOW synchronous_commit');
  return rows[0]?.synchronous_commit;
}

test.each([
  ['a claim', (tx: Tx) => claimKey(tx, { ...claim, key: 'two' })],
  ['a row of the event log', (tx: Tx) => appendPublished(tx, [published()])],
])('%s waits for no disk, and the next transaction does again', async (_, work) => {
  const within = await db.transaction(async (tx) => {
    await work(tx);
    return settingOf(tx);
  });
  expect([within, await settingOf(db)]).toEqual(['off', 'on']);
});

test('once the reply is stored, the claim and the log rows before it are on disk', async () => {
  const claimed = await claimKey(db, claim);
  await appendPublished(db, [published()]);
  const { rows } = await db.query<{ written: string }>('SELECT pg_current_wal_insert_lsn()::text AS written');
  if (claimed.state !== 'claimed') throw new Error(claimed.state);
  await storeReply(db, { ...claim, lease: claimed.lease }, { status: 200, headers: {}, body: '{}' });
  const { rows: after } = await db.query<{ safe: boolean }>(
    'SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn AS safe',
    [rows[0]?.written],
  );
  expect(after).toEqual([{ safe: true }]);
});
