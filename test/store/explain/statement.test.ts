import { randomInt, randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { debtOf, mailboxOf, sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import type { NewJournal, NewTransfer } from '../../../domain/ledger/types.ts';
import { playerHolder } from '../../../domain/ledger/types.ts';
import { findChanges } from '../../../store/statements/find-changes.ts';
import type { ChangesAfter } from '../../../store/statements/find-changes.ts';
import { findPoint } from '../../../store/statements/find-point.ts';
import { readBalancesAt } from '../../../store/statements/read-balances-at.ts';
import { readChanges } from '../../../store/statements/read-changes.ts';
import type { Change } from '../../../store/statements/read-changes.ts';
import { readItemsAt } from '../../../store/statements/read-items-at.ts';
import { testDatabase } from '../../support/database.ts';
import { hold, journal, mint, move, newPlayer, pay, post, resolve, seedAssets } from '../ledger/fixtures.ts';

const { db, url } = await testDatabase();
const players: string[] = [];
beforeAll(async () => {
  await seedAssets(db);
  for (let n = 0; n < 3; n += 1) players.push(await newPlayer(db, 200n));
  const lanes = [everything(35), everything(35), everything(35)];
  await Promise.all(lanes);
}, 180_000);

/** Anything that can happen to a player, at random; refusals are part of it. */
async function everything(count: number): Promise<void> {
  const holds: string[] = [];
  const items: { itemId: string; owner: string; lock: string | null }[] = [];
  const pick = () => players[randomInt(players.length)]!;
  for (let n = 0; n < count; n += 1) {
    const [one, other] = [pick(), pick()];
    const choice = randomInt(7);
    const item = items[randomInt(Math.max(1, items.length))];
    if (choice === 0)
      await post(db, journal({ transfers: [pay(one, 9n), pay(one, 2n, 'stamp'), pay(other, 4n)] }));
    if (choice === 1 && one !== other) await post(db, journal({ transfers: [move(one, other, 5n)] }));
    if (choice === 2 && one !== other) {
      const held = journal({ transfers: [hold(one, other, 7n)] });
      if ((await post(db, held)).result === 'ok') holds.push(held.key);
    }
    if (choice === 3 && holds.length > 0) {
      const transfers = [resolve(randomInt(2) === 0 ? 'post' : 'void', holds.pop()!)];
      await post(db, journal({ transfers }));
    }
    if (choice === 4) {
      const itemId = randomUUID();
      await post(db, journal({ movements: [mint(itemId, one)] }));
      items.push({ itemId, owner: one, lock: null });
    }
    if (choice === 5 && item) await post(db, moveItem(item, other));
    if (choice === 6) await post(db, journal({ transfers: throughMailbox(one) }));
  }
}

function moveItem(item: { itemId: string; owner: string; lock: string | null }, to: string): NewJournal {
  const from = playerHolder(item.owner);
  const { itemId, lock: expectLock } = item;
  if (item.lock === null && randomInt(2) === 0) {
    item.lock = 'test:lock';
    return journal({ movements: [{ code: 'lock', itemId, from, expectLock: null, lock: item.lock }] });
  }
  item.lock = null;
  item.owner = to;
  return journal({
    movements: [{ code: 'transfer', itemId, from, to: playerHolder(to), expectLock, lock: null }],
  });
}

function throughMailbox(playerId: string): NewTransfer[] {
  const line = { state: 'posted', amount: 3n, code: 'correction' } as const;
  return [
    { ...line, debit: sourceOf('api.grant', 'gold'), credit: mailboxOf(playerId, 'gold') },
    { ...line, amount: 2n, debit: mailboxOf(playerId, 'gold'), credit: walletOf(playerId, 'gold') },
    { ...line, amount: 1n, debit: debtOf(playerId, 'gold'), credit: walletOf(playerId, 'gold') },
  ];
}

/** The ledger itself, from the beginning. */
async function fold(playerId: string, journalId: bigint) {
  const { rows } = await db.query<{ asset: string; purpose: string; balance: string; held: string }>(
    `SELECT a.asset, a.purpose,
       sum(CASE WHEN t.state IN ('posted', 'post') THEN CASE WHEN a.id = t.credit_account_id THEN t.amount ELSE -t.amount END ELSE 0 END)::text AS balance,
       sum(CASE WHEN a.id = t.credit_account_id OR t.state = 'posted' THEN 0 WHEN t.state = 'pending' THEN t.amount ELSE -t.amount END)::text AS held
     FROM accounts a JOIN transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)
     WHERE a.holder = $1 AND t.journal_id <= $2 GROUP BY a.asset, a.purpose ORDER BY a.asset, a.purpose DESC`,
    [playerHolder(playerId), journalId],
  );
  return rows.map((row) => ({ ...row, balance: BigInt(row.balance), held: BigInt(row.held) }));
}

async function changesOf(playerId: string, last: bigint, limit: number): Promise<Change[]> {
  const all: Change[] = [];
  for (let after: ChangesAfter | undefined; ;) {
    const page = await findChanges(db, playerId, { last, limit, ...(after && { after }) });
    expect(page.journalIds.length).toBeLessThanOrEqual(limit);
    all.push(...(await readChanges(db, playerId, page.journalIds)));
    if (page.next === null) return all;
    after = page.next;
  }
}

/** The balances that a statement's own changes add up to. */
function sumOf(changes: readonly Change[]) {
  const sums = new Map<string, { asset: string; purpose: string; balance: bigint; held: bigint }>();
  for (const { asset, purpose, balanceChange, heldChange } of changes.flatMap(({ amounts }) => amounts)) {
    const sum = sums.get(`${asset} ${purpose}`) ?? { asset, purpose, balance: 0n, held: 0n };
    sum.balance += balanceChange;
    sum.held += heldChange;
    sums.set(`${asset} ${purpose}`, sum);
  }
  return [...sums.values()].toSorted((a, b) =>
    `${a.asset}${a.purpose}` < `${b.asset}${b.purpose}` ? -1 : 1,
  );
}

const byAccount = <T extends { asset: string; purpose: string }>(balances: readonly T[]) =>
  balances.toSorted((a, b) => (`${a.asset}${a.purpose}` < `${b.asset}${b.purpose}` ? -1 : 1));

/** Instants at, just before and between journals. */
async function instants(count: number): Promise<string[]> {
  const { rows } = await db.query<{ at: string }>(
    `SELECT to_char((created_at - random() * interval '2 milliseconds') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
     FROM (SELECT created_at FROM journals ORDER BY random() LIMIT $1) picked
     UNION ALL SELECT to_char(max(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM journals`,
    [count],
  );
  return rows.map(({ at }) => at);
}

describe('a statement at any instant', () => {
  test('is the fold of the transfers up to its journal, and the sum of its own changes', async () => {
    for (const asOf of await instants(6)) {
      const point = await findPoint(db, asOf);
      for (const playerId of players) {
        const balances = await readBalancesAt(db, playerId, point);
        const kept = balances.filter(({ balance, held }) => balance !== 0n || held !== 0n);
        const folded = await fold(playerId, point.journalId);
        expect(kept).toEqual(folded.filter(({ balance, held }) => balance !== 0n || held !== 0n));
        for (const { purpose, balance, held } of balances)
          expect(purpose === 'debt' ? balance <= 0n : balance - held >= 0n).toBe(true);
        const changes = await changesOf(playerId, point.journalId, 5 + randomInt(40));
        expect(sumOf(changes)).toEqual(byAccount(folded));
      }
    }
  });

  test('has every journal that touched the player once, newest first, whatever the page size', async () => {
    const { journalId } = await findPoint(db);
    for (const playerId of players) {
      const { rows } = await db.query<{ id: bigint }>(
        `SELECT DISTINCT journal_id AS id FROM transfers t JOIN accounts a ON a.id IN (t.debit_account_id, t.credit_account_id)
         WHERE a.holder = $1 UNION SELECT journal_id FROM item_movements WHERE $1 IN (from_owner, to_owner) ORDER BY id DESC`,
        [playerHolder(playerId)],
      );
      for (const limit of [3, 40, 1_000])
        expect((await changesOf(playerId, journalId, limit)).map((change) => change.journalId)).toEqual(
          rows.map(({ id }) => id),
        );
    }
  });

  test('belongs to all journals stamped by then and to no later one', async () => {
    for (const asOf of await instants(5)) {
      const { journalId } = await findPoint(db, asOf);
      const { rows } = await db.query<{ late: number; next: Date | null; again: boolean }>(
        `SELECT (SELECT count(*)::int FROM journals WHERE id <= $1 AND created_at > $2) AS late,
           (SELECT created_at > $2 FROM journals WHERE id > $1 ORDER BY id LIMIT 1) IS NOT FALSE AS again`,
        [journalId, asOf],
      );
      expect(rows).toEqual([{ late: 0, again: true }]);
      expect((await findPoint(db, asOf)).journalId).toBe(journalId);
    }
  });

  test('names the items that were owned then, with the lock they had and how they came', async () => {
    const { journalId } = await findPoint(db);
    for (const last of [journalId, journalId - 30n, journalId - 60n]) {
      for (const playerId of players) {
        const owned: string[] = [];
        for (let after: string | undefined; ; after = owned.at(-1)) {
          const page = await readItemsAt(db, playerId, last, {
            limit: 3,
            ...(after !== undefined && { after }),
          });
          owned.push(...page.map(({ itemId }) => itemId));
          for (const item of page)
            expect(item).toMatchObject({ kind: 'sword', attributes: { weaponBonus: 5 } });
          if (page.length < 3) break;
        }
        const { rows } = await db.query<{ id: string }>(
          `SELECT item_id AS id FROM (SELECT DISTINCT ON (item_id) item_id, to_owner FROM item_movements
             WHERE journal_id <= $2 ORDER BY item_id, id DESC) held WHERE to_owner = $1 ORDER BY item_id`,
          [playerHolder(playerId), last],
        );
        expect(owned).toEqual(rows.map(({ id }) => id));
      }
    }
  });
});

test('what was just posted belongs to the statement of now; before there was anything it is empty', async () => {
  const playerId = await newPlayer(db, 5n);
  const now = await findPoint(db);
  expect(await readBalancesAt(db, playerId, now)).toMatchObject([{ asset: 'gold', balance: 5n }]);
  for (const asOf of ['2020-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '1969-12-31T23:59:59.999999Z']) {
    const point = await findPoint(db, asOf);
    expect(point.journalId).toBe(0n);
    expect(await readBalancesAt(db, playerId, point)).toEqual([]);
    expect(await readItemsAt(db, playerId, 0n, { limit: 5 })).toEqual([]);
  }
  await expect(findPoint(db, '9999-12-31T23:59:59Z')).rejects.toMatchObject({ code: 'validation_failed' });
});

test('a journal that waits for a lock is waited for: the same instant never says two things', async () => {
  const playerId = await newPlayer(db, 5n);
  const blocker = new pg.Client({ connectionString: url });
  await blocker.connect();
  await blocker.query('BEGIN');
  await blocker.query(`SELECT FROM accounts WHERE holder = $1 FOR UPDATE`, [playerHolder(playerId)]);
  // stamped now, posted when the lock is free
  const waiting = post(db, journal({ transfers: [pay(playerId, 6n)] }));
  await untilSomebodyWaits(blocker);
  const asked = findPoint(db);
  await blocker.query('COMMIT');
  await blocker.end();
  const [point, posted] = await Promise.all([asked, waiting]);
  expect(posted).toMatchObject({ result: 'ok', journalId: point.journalId });
  expect(await readBalancesAt(db, playerId, point)).toMatchObject([{ balance: 11n }]);
});

async function untilSomebodyWaits(owner: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await owner.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
}
