import type { JsonValue } from '../../domain/canonical-json.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { Balance, Holder, JournalKind, TransferCode } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';

export { readJournal } from './read-journal.ts';
export { readReceipt } from './read-receipt.ts';

/** Every asset the player has ever had, by code. */
export async function readBalances(db: Queryable, playerId: string): Promise<Balance[]> {
  const { rows } = await db.query<Balance>({
    name: 'read_balances',
    text: `
      SELECT asset, credits_posted - debits_posted AS balance, debits_pending AS held,
        credits_posted - debits_posted - debits_pending AS available
      FROM accounts WHERE holder = $1 AND purpose = 'wallet' ORDER BY asset`,
    values: [playerHolder(playerId)],
  });
  return rows;
}

/** A line of the player's wallet history; `direction` is the player's view, `other` is who stands on the other side. */
export type WalletTransfer = {
  id: bigint;
  journalId: bigint;
  key: string;
  kind: JournalKind;
  asset: string;
  amount: bigint;
  direction: 'in' | 'out';
  state: 'posted' | 'pending' | 'post' | 'void';
  code: TransferCode;
  other: Holder;
  expiresAt: Date | null;
  createdAt: Date;
};

export type Page = { after?: bigint; limit: number };

const bigintMax = 9_223_372_036_854_775_807n;

/**
 * Newest first; `after` is the id of the last line seen. A wallet is asked for as a range of one account: its order is then
 * that of the (account, id) index, and the planner cannot search the whole primary key for a wallet that rarely gives.
 */
export async function readTransfers(
  db: Queryable,
  playerId: string,
  { asset, code, after, limit }: Page & { asset?: string; code?: TransferCode },
): Promise<WalletTransfer[]> {
  const { rows } = await db.query<WalletTransfer>(
    `WITH wallets AS (
       SELECT id FROM accounts WHERE holder = $1 AND purpose = 'wallet' AND ($2::text IS NULL OR asset = $2)
     ), lines AS (
       SELECT line.* FROM wallets w, LATERAL (
         SELECT t.*, 'out' AS direction, t.credit_account_id AS other_id FROM transfers t
         WHERE t.debit_account_id >= w.id AND (t.debit_account_id, t.id) < (w.id, $3::bigint) AND ($4::text IS NULL OR t.code = $4)
         ORDER BY t.debit_account_id DESC, t.id DESC LIMIT $5
       ) line
       UNION ALL
       SELECT line.* FROM wallets w, LATERAL (
         SELECT t.*, 'in' AS direction, t.debit_account_id AS other_id FROM transfers t
         WHERE t.credit_account_id >= w.id AND (t.credit_account_id, t.id) < (w.id, $3::bigint) AND ($4::text IS NULL OR t.code = $4)
         ORDER BY t.credit_account_id DESC, t.id DESC LIMIT $5
       ) line
     )
     SELECT l.id, l.journal_id AS "journalId", j.key, j.kind, l.asset, l.amount, l.direction, l.state, l.code,
       o.holder AS other, l.expires_at AS "expiresAt", j.created_at AS "createdAt"
     FROM lines l JOIN journals j ON j.id = l.journal_id JOIN accounts o ON o.id = l.other_id
     ORDER BY l.id DESC LIMIT $5`,
    [playerHolder(playerId), asset ?? null, after ?? bigintMax, code ?? null, limit],
  );
  return rows;
}

export type ItemView = {
  id: string;
  kind: string;
  kindVersion: number;
  attributes: { [name: string]: JsonValue };
  owner: Holder;
  /** The story that has it locked, such as `listing:<id>`; null: free. */
  lock: string | null;
  version: number;
};

const itemColumns = 'id, kind, kind_version AS "kindVersion", attributes, owner, lock, version';

/** By id; `after` is the id of the last item seen. */
export async function readItems(
  db: Queryable,
  playerId: string,
  { after, limit }: { after?: string; limit: number },
): Promise<ItemView[]> {
  const { rows } = await db.query<ItemView>(
    `SELECT ${itemColumns} FROM items WHERE owner = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [playerHolder(playerId), after ?? null, limit],
  );
  return rows;
}

export async function readItem(db: Queryable, itemId: string): Promise<ItemView | null> {
  const { rows } = await db.query<ItemView>(`SELECT ${itemColumns} FROM items WHERE id = $1`, [itemId]);
  return rows[0] ?? null;
}
