import type { Db, Queryable } from '../db.ts';
import { settledJournalId } from '../ledger/settled-journal.ts';
import { flowsOf } from './fold-sql.ts';

/** The journal up to which the flows are folded. */
export async function foldedFlows(db: Queryable): Promise<bigint> {
  const { rows } = await db.query<{ folded: bigint }>({
    name: 'folded_flows',
    text: 'SELECT folded_journal_id AS folded FROM flow_progress',
  });
  return rows[0]?.folded ?? 0n;
}

/**
 * Adds the journals since the last fold to the flows, each exactly once: how far it got is committed with what it added.
 * It reads what is there rather than what was announced, so an event that is lost, told twice or out of order, and a
 * database that was restored, change nothing.
 *
 * Answers the journal it reached, or null when a long transaction is in the way: try later.
 */
export async function foldFlows(
  db: Db,
  { journalCountMax = 20_000 }: { journalCountMax?: number } = {},
): Promise<bigint | null> {
  const settled = await settledJournalId(db);
  if (settled === null) return null;
  for (;;) {
    const folded = await foldSome(db, settled, BigInt(journalCountMax));
    if (folded >= settled) return folded;
  }
}

/** One transaction folds so many journals and no more: a fold that is far behind must not run into the time limit. */
function foldSome(db: Db, settled: bigint, journalCountMax: bigint): Promise<bigint> {
  return db.transaction(async (tx) => {
    // one fold at a time
    const { rows } = await tx.query<{ folded: bigint }>(
      'SELECT folded_journal_id AS folded FROM flow_progress FOR UPDATE',
    );
    const folded = rows[0]?.folded ?? 0n;
    if (folded >= settled) return folded;
    const next = folded + journalCountMax < settled ? folded + journalCountMax : settled;
    await tx.query(
      `INSERT INTO flow_hours AS f (asset, hour, purpose, role, code, debited, credited, transfer_count)
       ${flowsOf()}
       ON CONFLICT (asset, hour, purpose, role, code) DO UPDATE SET debited = f.debited + excluded.debited,
         credited = f.credited + excluded.credited, transfer_count = f.transfer_count + excluded.transfer_count`,
      [folded, next],
    );
    await tx.query('UPDATE flow_progress SET folded_journal_id = $1', [next]);
    return next;
  });
}
