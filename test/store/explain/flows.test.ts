import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { feeOf, sinkOf, walletOf } from '../../../domain/ledger/accounts.ts';
import type { NewTransfer } from '../../../domain/ledger/types.ts';
import { flowDifferences } from '../../../store/flows/flow-differences.ts';
import { foldFlows, foldedFlows } from '../../../store/flows/fold-flows.ts';
import { measureHoldings } from '../../../store/flows/measure-holdings.ts';
import { readFlows } from '../../../store/flows/reads.ts';
import { folded } from './folded.ts';
import { testDatabase } from '../../support/database.ts';
import { hold, journal, move, newPlayer, pay, post, resolve, seedAssets } from '../ledger/fixtures.ts';

const { db, url } = await testDatabase();
const owner = new pg.Client({ connectionString: url });
const hourMs = 3_600_000;
beforeAll(async () => {
  await seedAssets(db);
  await owner.connect();
  // these tests look at one hour's buckets: in its last seconds they wait for the next
  const leftMs = hourMs - (Date.now() % hourMs);
  if (leftMs < 10_000) await sleep(leftMs);
}, 120_000);
afterAll(() => owner.end());

const around = (bucket: 'hour' | 'day') => {
  const start = Math.floor(Date.now() / hourMs) * hourMs;
  return { from: new Date(start - 24 * hourMs), to: new Date(start + 24 * hourMs), bucket, asset: 'gold' };
};
const spend = (playerId: string, amount: bigint): NewTransfer => ({
  state: 'posted',
  debit: walletOf(playerId, 'gold'),
  credit: sinkOf('spend', 'gold'),
  amount,
  code: 'spend',
});
const fee = (playerId: string, amount: bigint): NewTransfer => ({
  state: 'posted',
  debit: walletOf(playerId, 'gold'),
  credit: feeOf('market', 'gold'),
  amount,
  code: 'trade_fee',
});
const totals = async () => {
  const { flows } = await readFlows(db, around('hour'));
  const sum = (purpose: string, side: 'debited' | 'credited') =>
    flows.filter((flow) => flow.purpose === purpose).reduce((total, flow) => total + flow[side], 0n);
  return {
    minted: sum('source', 'debited'),
    burned: sum('sink', 'credited'),
    fees: sum('fee', 'credited'),
    spent: sum('wallet', 'debited'),
    debited: flows.reduce((total, { debited }) => total + debited, 0n),
    credited: flows.reduce((total, { credited }) => total + credited, 0n),
  };
};

test('flows count what was posted, once on each side: a hold when it is posted, a void never', async () => {
  const [one, two] = [await newPlayer(db, 100n), await newPlayer(db, 50n)];
  const held = journal({ transfers: [hold(one, two, 10n)] });
  const voided = journal({ transfers: [hold(one, two, 20n)] });
  for (const each of [held, voided]) await post(db, each);
  await folded(db);
  const before = await totals();
  expect(before).toMatchObject({ minted: 150n, burned: 0n, spent: 0n });
  await post(db, journal({ transfers: [resolve('post', held.key)] }));
  await post(db, journal({ transfers: [resolve('void', voided.key)] }));
  await post(db, journal({ transfers: [spend(one, 7n), fee(two, 3n), move(one, two, 1n)] }));
  await folded(db);
  expect(await totals()).toEqual({
    minted: 150n,
    burned: 7n,
    fees: 3n,
    spent: 10n + 7n + 3n + 1n,
    debited: 171n,
    credited: 171n,
  });
});

test('folds at the same time, in steps and again add every journal once', async () => {
  const before = await totals();
  const player = await newPlayer(db);
  for (let n = 0; n < 12; n += 1) await post(db, journal({ transfers: [pay(player, 5n)] }));
  await Promise.all([1, 3, 100].map((journalCountMax) => foldFlows(db, { journalCountMax })));
  const reached = await folded(db);
  expect((await totals()).minted - before.minted).toBe(60n);
  expect(await foldedFlows(db)).toBe(reached);
  expect(await flowDifferences(db, reached)).toEqual([]);
});

test('a rollup that is behind differs in nothing, one that was rewritten differs in that bucket', async () => {
  const reached = await folded(db);
  const player = await newPlayer(db, 11n);
  expect(await flowDifferences(db, reached + 100n)).toEqual([]);
  const { rows } = await owner.query<{ hour: Date; credited: string }>(
    "UPDATE flow_hours SET credited = credited + 1 WHERE purpose = 'sink' RETURNING hour, credited::text",
  );
  const [difference, ...others] = await flowDifferences(db, reached);
  expect(others).toEqual([]);
  expect(difference).toMatchObject({
    asset: 'gold',
    hour: rows[0]!.hour,
    purpose: 'sink',
    role: 'spend',
    code: 'spend',
    rollup: { debited: '0', credited: rows[0]!.credited },
    journals: { debited: '0', credited: String(BigInt(rows[0]!.credited) - 1n) },
  });
  // since the last look nothing was folded: the hour was looked at then
  expect(await flowDifferences(db, reached, reached)).toEqual([]);
  await owner.query("UPDATE flow_hours SET credited = credited - 1 WHERE purpose = 'sink'");

  await owner.query("DELETE FROM flow_hours WHERE purpose = 'fee'");
  expect(await flowDifferences(db, reached, reached - 1n)).toMatchObject([{ purpose: 'fee', rollup: null }]);
  await owner.query(
    `INSERT INTO flow_hours SELECT asset, hour, 'fee', 'market', 'trade_fee', 0, 3, 1 FROM flow_hours WHERE purpose = 'sink'`,
  );
  await post(db, journal({ transfers: [spend(player, 1n)] }));
  expect(await flowDifferences(db, await folded(db))).toEqual([]);
});

test('an hour is the hour of the journal, and old ones are told apart from what is checked now', async () => {
  const player = await newPlayer(db, 40n);
  // as the owner, around the trigger: what was posted long ago
  const { rows } = await owner.query<{ id: string }>(
    `INSERT INTO journals (key, kind, body_hash, actor, created_at)
     VALUES ($1, 'grant', '\\x00', 'system:test', now() - interval '3 hours') RETURNING id`,
    [`old:${randomUUID()}`],
  );
  await owner.query(
    `INSERT INTO transfers (journal_id, index, debit_account_id, credit_account_id, asset, amount, state, code)
     SELECT $1, 0, s.id, w.id, 'gold', 9, 'posted', 'grant' FROM accounts s, accounts w
     WHERE s.purpose = 'source' AND s.asset = 'gold' AND w.holder = $2 AND w.asset = 'gold' LIMIT 1`,
    [rows[0]!.id, `player:${player}`],
  );
  const reached = await folded(db);
  const hours = (await readFlows(db, around('hour'))).flows.filter(({ purpose }) => purpose === 'source');
  expect(hours.length).toBeGreaterThan(1);
  expect(hours[0]).toMatchObject({ debited: 9n, transferCount: 1n });
  const days = (await readFlows(db, around('day'))).flows.filter(({ purpose }) => purpose === 'source');
  expect(days.reduce((sum, { debited }) => sum + debited, 0n)).toBe(
    hours.reduce((sum, { debited }) => sum + debited, 0n),
  );
  const window = { ...around('hour'), from: hours[1]!.start };
  expect((await readFlows(db, window)).supplies.get('gold')).toBe(9n);
  expect(await flowDifferences(db, reached)).toEqual([]);
});

test('holdings are who has how much, measured at most once while fresh', async () => {
  await owner.query('DELETE FROM flow_holdings');
  for (let n = 0; n < 12; n += 1) await newPlayer(db, 1n);
  await newPlayer(db, 1_000n);
  expect(await measureHoldings(db)).toBe(2);
  await newPlayer(db, 1n);
  expect(await measureHoldings(db)).toBe(0);
  const { holdings } = await readFlows(db, around('hour'));
  const { rows } = await owner.query<{ balance: string }>(
    `SELECT (credits_posted - debits_posted)::text AS balance FROM accounts
     WHERE purpose = 'wallet' AND asset = 'gold' AND credits_posted > debits_posted ORDER BY 1`,
  );
  const holderCount = rows.length - 1;
  expect(holdings).toMatchObject([{ asset: 'gold', holderCount }]);
  expect(holdings[0]!.held).toBe(rows.reduce((sum, { balance }) => sum + BigInt(balance), 0n) - 1n);
  const richest = rows
    .map(({ balance }) => BigInt(balance))
    .toSorted((a, b) => Number(b - a))
    .slice(0, Math.ceil(holderCount / 10));
  expect(richest[0]).toBe(1_000n);
  expect(holdings[0]!.topDecile).toBe(richest.reduce((sum, balance) => sum + balance, 0n));
  expect(await measureHoldings(db, 0)).toBe(2);
});

test('of several processes one measures, and one that failed is not tried again at once', async () => {
  await owner.query('UPDATE flow_measures SET begun_at = NULL');
  const counts = await Promise.all([1, 2, 3, 4].map(() => measureHoldings(db)));
  expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 2]);

  await owner.query('UPDATE flow_measures SET begun_at = NULL');
  await owner.query('ALTER TABLE flow_holdings RENAME TO away');
  try {
    await expect(measureHoldings(db)).rejects.toThrow('flow_holdings');
  } finally {
    await owner.query('ALTER TABLE away RENAME TO flow_holdings');
  }
  expect(await measureHoldings(db)).toBe(0);
});
