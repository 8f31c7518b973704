import { randomUUID } from 'node:crypto';
import { sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import type { NewJournal, NewMovement, NewTransfer, PostResult } from '../../../domain/ledger/types.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import type { Db } from '../../../store/db.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';

/** Two assets and one kind: the ledger's rules need no more of an economy. */
export async function seedAssets(db: Db): Promise<void> {
  await db.query(`INSERT INTO assets (code, kind) VALUES ('gold', 'currency'), ('stamp', 'stackable')`);
  await db.query(
    `INSERT INTO catalog_kinds (code, version, attributes) VALUES ('sword', 1, '{"weaponBonus": 5}')`,
  );
}

export async function newPlayer(db: Db, gold = 0n): Promise<string> {
  const playerId = randomUUID();
  await db.query('INSERT INTO players (id) VALUES ($1)', [playerId]);
  if (gold > 0n) await post(db, journal({ transfers: [pay(playerId, gold)] }));
  return playerId;
}

export const journal = (parts: Partial<NewJournal>): NewJournal => ({
  key: `test:${randomUUID()}`,
  kind: 'grant',
  actor: 'system:test',
  transfers: [],
  movements: [],
  events: [],
  ...parts,
});

/** From the faucet to a wallet. */
export const pay = (playerId: string, amount: bigint, asset = 'gold'): NewTransfer => ({
  state: 'posted',
  debit: sourceOf('api.grant', asset),
  credit: walletOf(playerId, asset),
  amount,
  code: 'grant',
});

export const move = (from: string, to: string, amount: bigint): NewTransfer => ({
  state: 'posted',
  debit: walletOf(from, 'gold'),
  credit: walletOf(to, 'gold'),
  amount,
  code: 'trade_price',
});

export const hold = (from: string, to: string, amount: bigint, ttlMs = 60_000): NewTransfer => ({
  state: 'pending',
  debit: walletOf(from, 'gold'),
  credit: walletOf(to, 'gold'),
  amount,
  code: 'hold',
  ttlMs,
});

export const resolve = (state: 'post' | 'void', key: string, index = 0): NewTransfer => ({
  state,
  pending: { key, index },
  code: 'hold',
});

export const mint = (itemId: string, playerId: string): NewMovement => ({
  code: 'mint',
  itemId,
  kind: 'sword',
  kindVersion: 1,
  from: systemHolder('api.grant'),
  to: playerHolder(playerId),
});

export async function post(db: Db, one: NewJournal): Promise<PostResult> {
  const [result] = await postAll(db, [one]);
  return result!;
}

export const postAll = (db: Db, journals: readonly NewJournal[]): Promise<PostResult[]> =>
  db.transaction((tx) => postJournals(tx, journals));

export async function goldOf(db: Db, playerId: string): Promise<{ balance: bigint; held: bigint }> {
  const { rows } = await db.query<{ balance: bigint; held: bigint }>(
    `SELECT credits_posted - debits_posted AS balance, debits_pending AS held FROM accounts
     WHERE holder = $1 AND asset = 'gold' AND purpose = 'wallet'`,
    [playerHolder(playerId)],
  );
  return rows[0] ?? { balance: 0n, held: 0n };
}
