import type { AccountPurpose, Holder, JournalKind, TransferCode } from '../../domain/ledger/types.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import { must } from '../../domain/must.ts';
import type { Queryable } from '../db.ts';
import type { ItemMovementView } from '../ledger/read-item-history.ts';

/** What a transfer did to one of the player's accounts; the sums of all up to an instant are what stood there then. */
export type AmountChange = {
  asset: string;
  purpose: AccountPurpose;
  state: 'posted' | 'pending' | 'post' | 'void';
  code: TransferCode;
  balanceChange: bigint;
  heldChange: bigint;
  other: Holder;
};
export type ItemChange = Pick<ItemMovementView, 'code' | 'from' | 'to' | 'lockBefore' | 'lockAfter'> & {
  itemId: string;
  kind: string;
};
/** One journal as a player's statement tells it. */
export type Change = {
  journalId: bigint;
  key: string;
  kind: JournalKind;
  actor: string;
  reason: string | null;
  workflowId: string | null;
  step: string | null;
  createdAt: Date;
  amounts: AmountChange[];
  items: ItemChange[];
};

type AmountRow = Omit<AmountChange, 'balanceChange' | 'heldChange'> & {
  journalId: bigint;
  side: 'debit' | 'credit';
  amount: bigint;
};

/** The given journals with what they did to the player, in the given order. */
export async function readChanges(
  db: Queryable,
  playerId: string,
  journalIds: readonly bigint[],
): Promise<Change[]> {
  const holder = playerHolder(playerId);
  const [journals, amounts, items] = await Promise.all([
    db.query<Omit<Change, 'amounts' | 'items'>>(
      `SELECT id AS "journalId", key, kind, actor, reason, workflow_id AS "workflowId", step, created_at AS "createdAt"
       FROM journals WHERE id = ANY ($1)`,
      [journalIds],
    ),
    db.query<AmountRow>(
      `SELECT t.journal_id AS "journalId", t.asset, own.purpose, t.state, t.code, t.amount, o.holder AS other,
         CASE WHEN own.id = t.debit_account_id THEN 'debit' ELSE 'credit' END AS side
       FROM transfers t JOIN accounts own ON own.id IN (t.debit_account_id, t.credit_account_id) AND own.holder = $2
         JOIN accounts o ON o.id = t.debit_account_id + t.credit_account_id - own.id
       WHERE t.journal_id = ANY ($1) ORDER BY t.journal_id, t.index, side DESC`,
      [journalIds, holder],
    ),
    db.query<ItemChange & { journalId: bigint }>(
      `SELECT m.journal_id AS "journalId", m.item_id AS "itemId", i.kind, m.code, m.from_owner AS "from", m.to_owner AS "to",
         m.lock_before AS "lockBefore", m.lock_after AS "lockAfter"
       FROM item_movements m JOIN items i ON i.id = m.item_id
       WHERE m.journal_id = ANY ($1) AND $2 IN (m.from_owner, m.to_owner) ORDER BY m.journal_id, m.index`,
      [journalIds, holder],
    ),
  ]);
  const byId = new Map(journals.rows.map((row) => [row.journalId, row]));
  return journalIds.map((journalId) => ({
    ...must(byId.get(journalId), `journal ${journalId}`),
    amounts: amounts.rows.filter((row) => row.journalId === journalId).map(amountChange),
    items: items.rows
      .filter((row) => row.journalId === journalId)
      .map(({ journalId: _journalId, ...item }) => item),
  }));
}

function amountChange({ journalId: _journalId, side, amount, ...row }: AmountRow): AmountChange {
  const moves = row.state === 'posted' || row.state === 'post';
  const sign = side === 'debit' ? -1n : 1n;
  const heldSign = row.state === 'pending' ? 1n : row.state === 'posted' ? 0n : -1n;
  return {
    ...row,
    balanceChange: moves ? sign * amount : 0n,
    // what is on its way to somebody is held on the giving side only
    heldChange: side === 'debit' ? heldSign * amount : 0n,
  };
}
