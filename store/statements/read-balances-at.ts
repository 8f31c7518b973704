import type { AccountPurpose } from '../../domain/ledger/types.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';
import type { StatementPoint } from './find-point.ts';

export type BalanceAt = { asset: string; purpose: AccountPurpose; balance: bigint; held: bigint };

/** Every account the player had by then: wallets, what waits in the mailbox, debts (never above zero). */
export async function readBalancesAt(
  db: Queryable,
  playerId: string,
  { asOf, journalId }: StatementPoint,
): Promise<BalanceAt[]> {
  if (journalId === 0n) return [];
  const { rows } = await db.query<{ asset: string; purpose: AccountPurpose; balance: string; held: string }>(
    `SELECT a.asset, a.purpose, c.balance::text, c.held::text FROM accounts a CROSS JOIN LATERAL account_at(a.id, $2) c
     WHERE a.holder = $1 AND a.created_at <= $3 ORDER BY a.asset, a.purpose DESC`,
    [playerHolder(playerId), journalId, asOf],
  );
  return rows.map((row) => ({ ...row, balance: BigInt(row.balance), held: BigInt(row.held) }));
}
