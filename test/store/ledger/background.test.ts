import { beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import type { Db } from '../../../store/db.ts';
import { expireHolds } from '../../../store/ledger/expire-holds.ts';
import { foldAccounts } from '../../../store/ledger/fold-accounts.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { readTransfers } from '../../../store/ledger/reads.ts';
import { settledJournalId } from '../../../store/ledger/settled-journal.ts';
import { testDatabase } from '../../support/database.ts';
import { goldOf, hold, journal, move, newPlayer, pay, post, seedAssets } from './fixtures.ts';

const { db, url } = await testDatabase();
beforeAll(() => seedAssets(db));

const faucet = async () => {
  const { rows } = await db.query<{ given: string }>(
    `SELECT t.debits_posted::text AS given FROM folded_totals t JOIN accounts a ON a.id = t.account_id
     WHERE a.holder = 'system:api.grant' AND a.asset = 'gold'`,
  );
  return rows[0] && BigInt(rows[0].given);
};

test('the sweep voids holds past their expiry once, and leaves the others', async () => {
  const [a, b] = [await newPlayer(db, 30n), await newPlayer(db)];
  const expired = journal({ transfers: [hold(a, b, 10n, 1), hold(a, b, 5n, 60_000)] });
  await post(db, expired);
  await db.query('SELECT pg_sleep(0.01)');
  expect([await expireHolds(db), await expireHolds(db)]).toEqual([1, 0]);
  expect(await goldOf(db, a)).toEqual({ balance: 30n, held: 5n });
  const [last] = await readTransfers(db, a, { limit: 1 });
  expect(last).toMatchObject({ state: 'void', amount: 10n, key: expect.stringContaining('expire:') });
});

test('holds that expired long ago are found span by span, and what expired lately does not wait for them', async () => {
  const [a, b] = [await newPlayer(db, 30n), await newPlayer(db)];
  const hoursAgo = (count: number) => hold(a, b, 5n, -count * 3_600_000);
  await post(db, journal({ transfers: [hoursAgo(9), hoursAgo(8), hoursAgo(3), hoursAgo(1)] }));
  // one of the last hours and one of the time before
  expect(await expireHolds(db, { limit: 1 })).toBe(2);
  expect(await goldOf(db, a)).toEqual({ balance: 30n, held: 10n });
  for (let call = 0; call < 8; call++) await expireHolds(db, { limit: 1 });
  expect(await goldOf(db, a)).toEqual({ balance: 30n, held: 0n });
});

test("an open trade's hold is the trade's to give back, however late", async () => {
  const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO trades (id, listing_id, buyer_id, seller_id, item_id, kind, asset, price, fee)
     VALUES (gen_random_uuid(), gen_random_uuid(), $1, $2, gen_random_uuid(), 'sword', 'gold', 10, 0) RETURNING id`,
    [a, b],
  );
  const tradeId = rows[0]!.id;
  await post(
    db,
    journal({ key: journalKeys.trade(tradeId, 'hold'), kind: 'trade_hold', transfers: [hold(a, b, 10n, 1)] }),
  );
  await db.query('SELECT pg_sleep(0.01)');
  expect(await expireHolds(db)).toBe(0);
  await db.query(`UPDATE trades SET state = 'failed', ended_at = now() WHERE id = $1`, [tradeId]);
  expect(await expireHolds(db)).toBe(1);
});

test('the fold counts every transfer once, also those that commit after a larger id', async () => {
  const player = await newPlayer(db);
  await foldAccounts(db);
  const before = (await faucet()) ?? 0n;
  let midway: bigint | null = 0n;
  await db.transaction(async (tx) => {
    await postJournals(tx, [journal({ transfers: [pay(player, 7n)] })]);
    await post(db, journal({ transfers: [pay(await newPlayer(db), 100n)] }));
    midway = await settledJournalId(db, 50);
  });
  expect(midway).toBeNull();
  await foldAccounts(db);
  await foldAccounts(db);
  expect((await faucet())! - before).toBe(107n);
});

test('a post that is under way is waited for, also when nothing else has committed since it began', async () => {
  const player = await newPlayer(db);
  const midway = await db.transaction(async (tx) => {
    await postJournals(tx, [journal({ transfers: [pay(player, 7n)] })]);
    return settledJournalId(db, 50);
  });
  expect(midway).toBeNull();
});

test('a fold that is far behind goes in transactions of limited size, to the same totals', async () => {
  await foldAccounts(db);
  const before = (await faucet())!;
  for (let n = 0; n < 3; n++) await newPlayer(db, 5n);
  let transactionCount = 0;
  const counted: Db = { ...db, transaction: (work) => (transactionCount++, db.transaction(work)) };
  await foldAccounts(counted, { journalCountMax: 1 });
  expect((await faucet())! - before).toBe(15n);
  expect(transactionCount).toBeGreaterThanOrEqual(3);
});

test('a source may give more than any wallet holds', async () => {
  await foldAccounts(db);
  const before = (await faucet())!;
  const most = 9_000_000_000_000_000_000n;
  const { result } = await post(db, journal({ transfers: [pay(await newPlayer(db), most)] }));
  expect(result).toBe('ok');
  await post(db, journal({ transfers: [pay(await newPlayer(db), most)] }));
  await foldAccounts(db);
  expect((await faucet())! - before).toBe(2n * most);
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
});

test('a fold touches only accounts that moved', async () => {
  await foldAccounts(db);
  const versions = async () =>
    (await db.query(`SELECT account_id::text, xmin::text FROM folded_totals ORDER BY account_id`)).rows;
  const [player, before] = [await newPlayer(db), await versions()];
  await post(db, journal({ transfers: [pay(player, 1n)] }));
  await foldAccounts(db);
  const after = await versions();
  expect(after.filter((row, n) => JSON.stringify(row) !== JSON.stringify(before[n]))).toHaveLength(1);
});

test('a wallet history is read newest first, page by page, both ways', async () => {
  const [a, b] = [await newPlayer(db, 100n), await newPlayer(db)];
  for (let n = 1n; n <= 3n; n++) await post(db, journal({ transfers: [move(a, b, n)] }));
  const first = await readTransfers(db, a, { limit: 2 });
  const rest = await readTransfers(db, a, { limit: 9, after: first[1]!.id });
  expect([...first, ...rest].map(({ direction, amount, other }) => [direction, amount, other])).toEqual([
    ['out', 3n, `player:${b}`],
    ['out', 2n, `player:${b}`],
    ['out', 1n, `player:${b}`],
    ['in', 100n, 'system:api.grant'],
  ]);
  expect(await readTransfers(db, a, { limit: 9, code: 'grant' })).toHaveLength(1);
});

test('the invariants hold, and each names what is wrong when somebody tampers', async () => {
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
  const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
  await post(db, journal({ transfers: [move(a, b, 4n)] }));
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`UPDATE accounts SET credits_posted = credits_posted + 1 WHERE holder = $1`, [
    `player:${b}`,
  ]);
  const broken = (await checkInvariants(db)).filter(({ ok }) => !ok);
  await owner.query(`UPDATE accounts SET credits_posted = credits_posted - 1 WHERE holder = $1`, [
    `player:${b}`,
  ]);
  await owner.end();
  expect(broken.map(({ rule }) => rule)).toEqual([
    'P1 every asset is conserved',
    'P1 wallet counters equal the fold of their transfers',
  ]);
  expect(broken[0]!.detail).toBe('gold is off by 1');
});

test('a finished match whose plan nobody paid or withheld is found', async () => {
  const playerId = await newPlayer(db);
  const plans = JSON.stringify([{ playerId, lines: [{ asset: 'gold', amount: '5' }], items: [] }]);
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO matches (id, mode, region, status, config, economy_version, plans)
     VALUES (gen_random_uuid(), 'test', 'local', 'finished', '{}', 1, $1) RETURNING id`,
    [plans],
  );
  const broken = async () =>
    (await checkInvariants(db)).filter(({ ok }) => !ok).map(({ rule }) => rule.slice(0, 2));
  expect(await broken()).toEqual(['P3']);
  await post(
    db,
    journal({ key: journalKeys.matchGrant(rows[0]!.id, playerId), transfers: [pay(playerId, 5n)] }),
  );
  expect(await broken()).toEqual([]);
});
