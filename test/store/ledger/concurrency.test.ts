import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { isPosted } from '../../../domain/ledger/types.ts';
import { openDb } from '../../../store/db.ts';
import { createJournalBatcher } from '../../../store/ledger/journal-batcher.ts';
import { undoStep } from '../../../store/ledger/undo-step.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { testDatabase } from '../../support/database.ts';
import {
  goldOf,
  hold,
  journal,
  move,
  newPlayer,
  pay,
  post,
  postAll,
  resolve,
  seedAssets,
} from './fixtures.ts';

const { db, url } = await testDatabase();
beforeAll(() => seedAssets(db));

test('32 clients spend one wallet: exactly what it had is spent, and it never goes below zero', async () => {
  const [a, b] = [await newPlayer(db, 100n), await newPlayer(db)];
  const batcher = createJournalBatcher({ db, batchCountMax: 8 });
  const client = async () => {
    const results = [];
    for (let i = 0; i < 6; i++)
      results.push((await batcher.post(journal({ transfers: [move(a, b, 1n)] }))).result);
    return results;
  };
  const results = (await Promise.all(Array.from({ length: 32 }, client))).flat();
  await batcher.close();
  expect(results.filter((result) => result === 'ok')).toHaveLength(100);
  expect(results.filter((result) => result === 'insufficient_funds')).toHaveLength(92);
  expect([await goldOf(db, a), await goldOf(db, b)]).toEqual([
    { balance: 0n, held: 0n },
    { balance: 100n, held: 0n },
  ]);
});

test('one key from 32 transactions at once is one effect', async () => {
  const player = await newPlayer(db);
  const one = journal({ transfers: [pay(player, 10n)] });
  const results = await Promise.all(Array.from({ length: 32 }, () => post(db, one)));
  expect(results.filter(({ result }) => result === 'ok')).toHaveLength(1);
  expect(results.every(isPosted)).toBe(true);
  expect(await goldOf(db, player)).toEqual({ balance: 10n, held: 0n });
});

test('two lanes move between the same wallets both ways without a deadlock', async () => {
  const players = await Promise.all([newPlayer(db, 500n), newPlayer(db, 500n), newPlayer(db, 500n)]);
  const moves = Array.from({ length: 240 }, (_, i) =>
    move(players[i % 3]!, players[(i + 1 + (i % 2)) % 3]!, 1n),
  );
  const ways = [moves, moves.toReversed()].map(async (way) => {
    for (let i = 0; i < way.length; i += 8)
      await postAll(
        db,
        way.slice(i, i + 8).map((one) => journal({ transfers: [one] })),
      );
  });
  await Promise.all(ways);
  const sums = await Promise.all(players.map((id) => goldOf(db, id)));
  expect(sums.reduce((sum, { balance }) => sum + balance, 0n)).toBe(1_500n);
});

test('a response lost after the commit: the retry answers the journal that is there', async () => {
  const player = await newPlayer(db);
  const one = journal({ transfers: [pay(player, 10n)] });
  const proxy = await cuttingProxy(url);
  const remote = openDb({ url: proxy.url, connectionCountMax: 1 });
  const batcher = createJournalBatcher({ db: remote });
  await remote.query('SELECT 1');
  proxy.cutNextAnswer();
  await expect(batcher.post(one)).rejects.toThrow('Connection terminated');
  const retry = await batcher.post(one);
  await batcher.close();
  await remote.close();
  await proxy.close();
  expect(retry).toMatchObject({ result: 'exists', replayed: true });
  expect(await goldOf(db, player)).toEqual({ balance: 10n, held: 0n });
});

/** Between us and PostgreSQL: passes everything on, until told to swallow an answer and break the line. */
async function cuttingProxy(target: string) {
  const upstream = new URL(target);
  let cut = false;
  const server = createServer((client) => {
    const remote = connect(Number(upstream.port), upstream.hostname);
    client.on('error', () => {}).on('close', () => remote.destroy());
    remote.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(remote);
    remote.on('data', (answer) => {
      if (!cut) return void client.write(answer);
      cut = false;
      client.destroy();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutNextAnswer: () => (cut = true),
    close: () => new Promise((done) => server.close(done)),
  };
}

test('a wallet locked by a stopped process delays its own journals, not the neighbours', async () => {
  const [stuck, free] = [await newPlayer(db, 1n), await newPlayer(db)];
  const batcher = createJournalBatcher({ db, laneCount: 1 });
  const client = await db.pool.connect();
  await client.query('BEGIN');
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await client.query(`SELECT 1 FROM accounts WHERE holder = $1 FOR UPDATE`, [`player:${stuck}`]);
  const outcomes = Promise.allSettled([
    batcher.post(journal({ transfers: [pay(stuck, 1n)] })),
    batcher.post(journal({ transfers: [pay(free, 1n)] })),
  ]);
  const [first, second] = await outcomes;
  await client.query('ROLLBACK');
  client.release();
  await batcher.close();
  expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
}, 120_000);

test('undo before a late do: the step answers cancelled and nothing moves', async () => {
  const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
  const step = journal({ kind: 'trade_hold', transfers: [hold(a, b, 10n)] });
  const reversal = journal({ kind: 'trade_undo', transfers: [resolve('void', step.key)] });
  const undo = () => db.transaction((tx) => undoStep(tx, { stepKey: step.key, reversal }));
  expect(await undo()).toBe('tombstoned');
  expect(await post(db, step)).toEqual({ result: 'cancelled' });
  expect(await undo()).toBe('tombstoned');
  expect(await goldOf(db, a)).toEqual({ balance: 10n, held: 0n });
});

test('undo of a step that is there reverses it once', async () => {
  const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
  const step = journal({ kind: 'trade_hold', transfers: [hold(a, b, 10n)] });
  const reversal = journal({ kind: 'trade_undo', transfers: [resolve('void', step.key)] });
  await post(db, step);
  const undo = () => db.transaction((tx) => undoStep(tx, { stepKey: step.key, reversal }));
  expect([await undo(), await undo()]).toEqual(['reversed', 'already_reversed']);
  expect(await goldOf(db, a)).toEqual({ balance: 10n, held: 0n });
});

test('undo waits for a step in flight and then reverses it', async () => {
  const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
  const step = journal({ kind: 'trade_hold', transfers: [hold(a, b, 10n)] });
  const reversal = journal({ kind: 'trade_undo', transfers: [resolve('void', step.key)] });
  let undone: Promise<string> | undefined;
  await db.transaction(async (tx) => {
    await postJournals(tx, [step]);
    undone = db.transaction((other) => undoStep(other, { stepKey: step.key, reversal }));
    await new Promise((resume) => setTimeout(resume, 200));
  });
  expect(await undone).toBe('reversed');
  expect(await goldOf(db, a)).toEqual({ balance: 10n, held: 0n });
});

test('after all of this the books balance', async () => {
  const player = await newPlayer(db);
  await post(db, journal({ key: `test:${randomUUID()}`, transfers: [pay(player, 1n)] }));
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
});
