import type { Db, Tx } from '../db.ts';
import { settledJournalId } from './settled-journal.ts';

export type Fold = {
  /** The table of one row that says in `folded_journal_id` how far this fold has come. */
  progress: 'fold_progress' | 'flow_progress';
  journalCountMax: number;
  /** Adds the journals above `after` up to `until`. */
  add(tx: Tx, after: bigint, until: bigint): Promise<unknown>;
};

/**
 * Folds every settled journal exactly once: how far it got is committed with what it added. One transaction folds so many
 * journals and no more: a fold that is far behind must not run into the time limit.
 *
 * Answers the journal it reached, or null when a long transaction is in the way: try later.
 */
export async function foldJournals(db: Db, fold: Fold): Promise<bigint | null> {
  const settled = await settledJournalId(db);
  if (settled === null) return null;
  for (;;) {
    const folded = await foldSome(db, settled, fold);
    if (folded >= settled) return folded;
  }
}

function foldSome(db: Db, settled: bigint, { progress, journalCountMax, add }: Fold): Promise<bigint> {
  return db.transaction(async (tx) => {
    // one fold at a time
    const { rows } = await tx.query<{ folded: bigint }>(
      `SELECT folded_journal_id AS folded FROM ${progress} FOR UPDATE`,
    );
    const folded = rows[0]?.folded ?? 0n;
    if (folded >= settled) return folded;
    const last = folded + BigInt(journalCountMax);
    const next = last < settled ? last : settled;
    await add(tx, folded, next);
    await tx.query(`UPDATE ${progress} SET folded_journal_id = $1`, [next]);
    return next;
  });
}
