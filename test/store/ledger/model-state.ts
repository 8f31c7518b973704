import { expect } from 'vitest';
import { clearingOf, sinkOf } from '../../../domain/ledger/accounts.ts';
import type { AccountRef } from '../../../domain/ledger/types.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import type { Db } from '../../../store/db.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { balanceOf, walletName } from './model-books.ts';
import type { Asset, Books } from './model-books.ts';
import { playerCount, roleOf } from './model-plans.ts';
import type { World } from './model-plans.ts';
import { journal, post } from './fixtures.ts';

export const agree = (actual: unknown, expected: unknown) => expect(actual).toEqual(expected);

const assets: readonly Asset[] = ['gold', 'pearl'];

/** What every player has and who has which item in what state: in the database what it is in the books. */
export async function expectSameBooks(db: Db, world: World, books: Books): Promise<void> {
  const [wallets, items] = await Promise.all([readWallets(db, world), readItems(db, world)]);
  const empty = { credits: 0n, incoming: 0n, debits: 0n, held: 0n };
  const expected = world.playerIds.slice(0, playerCount).flatMap((_, n) =>
    assets.map((asset) => {
      const name = walletName(n, asset);
      return [name, balanceOf(books.wallets.get(name) ?? empty)];
    }),
  );
  expect({ ...Object.fromEntries(expected), ...wallets }).toEqual(Object.fromEntries(expected));
  expect(items).toEqual(
    Object.fromEntries(
      [...books.items].map(([n, { owner, lock, level, version }]) => [
        n,
        {
          owner: owner === 'burned' ? systemHolder('burn') : playerHolder(world.playerIds[owner]!),
          lock,
          attributes: { weaponBonus: level },
          version,
        },
      ]),
    ),
  );
}

async function readWallets(db: Db, { playerIds }: World) {
  const { rows } = await db.query<{ holder: string; asset: Asset; balance: bigint; held: bigint }>(
    `SELECT holder, asset, credits_posted - debits_posted AS balance, debits_pending AS held FROM accounts
     WHERE holder = ANY ($1) AND purpose = 'wallet'`,
    [playerIds.map(playerHolder)],
  );
  return Object.fromEntries(
    rows.map(({ holder, asset, balance, held }) => [
      walletName(playerIds.indexOf(holder.slice('player:'.length)), asset),
      { balance, held },
    ]),
  );
}

async function readItems(db: Db, { itemIds }: World) {
  const { rows } = await db.query<{ id: string; owner: string }>(
    `SELECT id, owner, lock, attributes, version FROM items WHERE id = ANY ($1::uuid[])`,
    [itemIds],
  );
  return Object.fromEntries(rows.map(({ id, ...item }) => [itemIds.indexOf(id), item]));
}

/**
 * At the end of a story, with what was left on its way between players taken back: P1 to P4 hold; P5, what was acknowledged
 * is there, with all its lines and its one event; and nothing else is.
 */
export async function expectWholeLedger(
  db: Db,
  world: World,
  books: Books,
  journalIds: ReadonlyMap<string, bigint>,
): Promise<void> {
  for (const asset of assets) await clear(db, clearingOf(roleOf(world), asset));
  const broken = (await checkInvariants(db)).filter(({ ok }) => !ok);
  expect(broken).toEqual([]);

  const { rows } = await db.query<{ key: string; id: bigint; eventCount: bigint; isTombstone: boolean }>(
    `SELECT j.key, j.id, j.kind = 'tombstone' AS "isTombstone",
       (SELECT count(*) FROM outbox o WHERE o.type = 'ledger.journal.posted.v1' AND o.key = j.key) AS "eventCount"
     FROM journals j WHERE j.key LIKE $1 ORDER BY j.id`,
    [`world:${world.id}:%`],
  );
  expect(rows.map(({ key }) => key).sort()).toEqual([...books.keys.keys()].sort());
  for (const { key, id, eventCount, isTombstone } of rows) {
    const known = { key, id: journalIds.get(key) ?? id, eventCount: 1n };
    expect({ key, id, eventCount }).toEqual(known);
    expect(isTombstone).toBe(books.keys.get(key)?.isTombstone);
  }
}

async function clear(db: Db, account: AccountRef): Promise<void> {
  const { rows } = await db.query<{ balance: string }>(
    `SELECT coalesce(sum(CASE WHEN t.credit_account_id = a.id THEN t.amount ELSE -t.amount END), 0)::text AS balance
     FROM accounts a JOIN transfers t ON a.id IN (t.debit_account_id, t.credit_account_id) AND t.state IN ('posted', 'post')
     WHERE a.holder = $1 AND a.asset = $2 AND a.purpose = 'clearing'`,
    [account.holder, account.asset],
  );
  const balance = BigInt(rows[0]?.balance ?? '0');
  if (balance === 0n) return;
  const other = sinkOf('burn', account.asset);
  const [debit, credit] = balance > 0n ? [account, other] : [other, account];
  const amount = balance > 0n ? balance : -balance;
  const transfer = { state: 'posted', debit, credit, amount, code: 'correction' } as const;
  expect(await post(db, journal({ transfers: [transfer] }))).toMatchObject({ result: 'ok' });
}
