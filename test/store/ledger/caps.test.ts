import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { sinkOf, sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import type { NewTransfer, PostResult } from '../../../domain/ledger/types.ts';
import { createJournalBatcher } from '../../../store/ledger/journal-batcher.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { testDatabase } from '../../support/database.ts';
import { goldOf, journal, move, newPlayer, post, postAll, resolve, seedAssets } from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => seedAssets(db));

/** Each test has a source and a sink of its own, and so a day of its own. */
let role = '';
beforeEach(() => void (role = `test.${randomUUID()}`));

const cap = (side: 'source' | 'sink', amountPerDay: bigint, asset = 'gold') =>
  db.query('INSERT INTO flow_caps (role, side, asset, amount_per_day) VALUES ($1, $2, $3, $4)', [
    role,
    side,
    asset,
    amountPerDay,
  ]);

type Move = Extract<NewTransfer, { state: 'posted' }>;

const grant = (playerId: string, amount: bigint, asset = 'gold'): Move => ({
  state: 'posted',
  debit: sourceOf(role, asset),
  credit: walletOf(playerId, asset),
  amount,
  code: 'grant',
});
const burn = (playerId: string, amount: bigint): Move => ({
  state: 'posted',
  debit: walletOf(playerId, 'gold'),
  credit: sinkOf(role, 'gold'),
  amount,
  code: 'burn',
});
const reserve = (playerId: string, amount: bigint): NewTransfer => ({
  ...burn(playerId, amount),
  state: 'pending',
  ttlMs: 60_000,
});
const one = (transfer: NewTransfer) => journal({ transfers: [transfer] });
const names = (results: readonly PostResult[]) => results.map(({ result }) => result);

async function usedToday(side: 'source' | 'sink'): Promise<bigint | undefined> {
  const { rows } = await db.query<{ amount: bigint }>(
    `SELECT amount FROM flow_days WHERE role = $1 AND side = $2 AND day = (now() AT TIME ZONE 'UTC')::date`,
    [role, side],
  );
  return rows[0]?.amount;
}

test('a batch that crosses the cap is refused only beyond it, and what is small enough still passes', async () => {
  await cap('source', 100n);
  const player = await newPlayer(db);
  const results = await postAll(db, [
    one(grant(player, 60n)),
    one(grant(player, 50n)),
    one(grant(player, 40n)),
    one(grant(player, 1n)),
  ]);
  expect(results).toMatchObject([
    { result: 'ok' },
    {
      result: 'limit_exceeded',
      limit: `source:${role}`,
      index: 0,
      detail: '60 of 100 gold a day are used',
    },
    { result: 'ok' },
    { result: 'limit_exceeded' },
  ]);
  expect((await goldOf(db, player)).balance).toBe(100n);
  expect(await usedToday('source')).toBe(100n);
});

test('the cap is reached by many clients at once exactly, through two batchers and plain transactions', async () => {
  await cap('source', 100n);
  const players = await Promise.all(Array.from({ length: 8 }, () => newPlayer(db)));
  const batchers = [createJournalBatcher({ db, batchCountMax: 8 }), createJournalBatcher({ db })];
  const client = async (_: unknown, n: number) => {
    const grants = Array.from({ length: 6 }, (_, i) => one(grant(players[(n + i) % 8]!, 1n)));
    if (n % 4 === 0) return postAll(db, grants);
    return Promise.all(grants.map((journal) => batchers[n % 2]!.post(journal)));
  };
  const results = (await Promise.all(Array.from({ length: 32 }, client))).flat();
  await Promise.all(batchers.map((batcher) => batcher.close()));
  expect(results.filter(({ result }) => result === 'ok')).toHaveLength(100);
  expect(results.filter(({ result }) => result === 'limit_exceeded')).toHaveLength(92);
  expect(await usedToday('source')).toBe(100n);
});

test('a refused journal gives back what its earlier lines took of the cap', async () => {
  await cap('source', 100n);
  const [player, poor] = [await newPlayer(db), await newPlayer(db)];
  const refused = journal({ transfers: [grant(player, 70n), move(poor, player, 1n)] });
  const beyond = journal({ transfers: [grant(player, 70n), grant(player, 31n)] });
  expect(names(await postAll(db, [refused, beyond, one(grant(player, 100n))]))).toEqual([
    'insufficient_funds',
    'limit_exceeded',
    'ok',
  ]);
});

test('the same journal again counts once, also when the cap is reached', async () => {
  await cap('source', 10n);
  const player = await newPlayer(db);
  const paid = one(grant(player, 10n));
  expect(names(await postAll(db, [paid, paid]))).toEqual(['ok', 'exists']);
  expect((await post(db, paid)).result).toBe('exists');
  expect(await usedToday('source')).toBe(10n);
});

test('a transaction that is rolled back has used nothing', async () => {
  await cap('source', 10n);
  const player = await newPlayer(db);
  const batcher = createJournalBatcher({ db });
  const poison = { ...one(grant(player, 10n)), reason: 'a NUL \u0000 is not text' };
  await expect(batcher.post(poison)).rejects.toThrow('invalid byte sequence');
  await batcher.close();
  expect((await post(db, one(grant(player, 10n)))).result).toBe('ok');
});

test('a cap is of one asset, one side and one day', async () => {
  await cap('source', 10n);
  const player = await newPlayer(db);
  await post(db, one(grant(player, 10n)));
  expect(names(await postAll(db, [one(grant(player, 9n, 'stamp')), one(burn(player, 5n))]))).toEqual([
    'ok',
    'ok',
  ]);
  await db.query('UPDATE flow_days SET day = day - 1 WHERE role = $1', [role]);
  expect((await post(db, one(grant(player, 10n)))).result).toBe('ok');
});

test('a flow without a cap leaves no count', async () => {
  const player = await newPlayer(db);
  await post(db, one(grant(player, 10n)));
  expect(await usedToday('source')).toBeUndefined();
});

test('a hold into a capped sink counts when it is taken; given up, it gives its share back', async () => {
  await cap('sink', 10n);
  const player = await newPlayer(db, 100n);
  const [first, second] = [one(reserve(player, 6n)), one(reserve(player, 4n))];
  expect(names(await postAll(db, [first, second, one(burn(player, 1n))]))).toEqual([
    'ok',
    'ok',
    'limit_exceeded',
  ]);
  expect(
    names(await postAll(db, [one(resolve('void', first.key)), one(resolve('post', second.key))])),
  ).toEqual(['ok', 'ok']);
  expect(await usedToday('sink')).toBe(4n);
  const third = one(reserve(player, 6n));
  expect(names(await postAll(db, [third, one(resolve('void', third.key)), one(burn(player, 6n))]))).toEqual([
    'ok',
    'ok',
    'ok',
  ]);
  expect((await post(db, one(burn(player, 1n)))).result).toBe('limit_exceeded');
});

test('a hold from before the cap gives back no more than was counted', async () => {
  const player = await newPlayer(db, 100n);
  const early = one(reserve(player, 10n));
  await post(db, early);
  await cap('sink', 10n);
  expect((await post(db, one(resolve('void', early.key)))).result).toBe('ok');
  expect(await usedToday('sink')).toBe(0n);
  expect(names(await postAll(db, [one(burn(player, 10n)), one(burn(player, 1n))]))).toEqual([
    'ok',
    'limit_exceeded',
  ]);
});

test('a source fills a wallet up to its cap and no further; players may bring it more', async () => {
  await db.query(`UPDATE assets SET wallet_max = 50 WHERE code = 'stamp'`);
  const [player, other] = [await newPlayer(db), await newPlayer(db)];
  const give = (to: string, amount: bigint) => one(grant(to, amount, 'stamp'));
  const results = await postAll(db, [give(player, 50n), give(player, 1n), give(other, 20n)]);
  expect(results).toMatchObject([
    { result: 'ok' },
    { result: 'limit_exceeded', limit: 'wallet:stamp', index: 0 },
    { result: 'ok' },
  ]);
  const gift: Move = {
    ...grant(player, 20n, 'stamp'),
    debit: walletOf(other, 'stamp'),
  };
  expect(names(await postAll(db, [one(gift), give(player, 1n), give(other, 50n)]))).toEqual([
    'ok',
    'limit_exceeded',
    'ok',
  ]);
});

test('after all of this the books balance', async () => {
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
});
