import type { Db } from '../db.ts';
import { foldJournals } from './fold-journals.ts';

/**
 * Brings the totals of system accounts up to date: posting never touches them, so that no source is a hot row. All
 * stand at the same journal afterwards; an account opened since then has no older transfers and joins the others.
 *
 * Answers as `foldJournals`.
 */
export function foldAccounts(
  db: Db,
  { journalCountMax = 100_000 }: { journalCountMax?: number } = {},
): Promise<bigint | null> {
  return foldJournals(db, {
    progress: 'fold_progress',
    journalCountMax,
    add: (tx, after, until) => tx.query(addSql, [after, until]),
  });
}

const addSql = `
  WITH lines AS (
    SELECT debit_account_id, credit_account_id, amount, state FROM transfers WHERE journal_id > $1 AND journal_id <= $2
  ), changes AS (
    SELECT debit_account_id AS id, amount, state, 1 AS debit FROM lines
    UNION ALL SELECT credit_account_id, amount, state, 0 FROM lines
  ), sums AS (
    SELECT id,
      sum(CASE WHEN state IN ('posted', 'post') THEN amount ELSE 0 END * debit) AS debits_posted,
      sum(CASE WHEN state IN ('posted', 'post') THEN amount ELSE 0 END * (1 - debit)) AS credits_posted,
      sum(CASE state WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -amount END * debit) AS debits_pending,
      sum(CASE state WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -amount END * (1 - debit)) AS credits_pending
    FROM changes GROUP BY id
  ), totals AS (
    SELECT s.id, coalesce(f.debits_pending, 0) + s.debits_pending AS debits_pending,
      coalesce(f.debits_posted, 0) + s.debits_posted AS debits_posted,
      coalesce(f.credits_pending, 0) + s.credits_pending AS credits_pending,
      coalesce(f.credits_posted, 0) + s.credits_posted AS credits_posted
    FROM sums s JOIN accounts a ON a.id = s.id AND NOT a.live LEFT JOIN folded_totals f ON f.account_id = s.id
  )
  INSERT INTO folded_totals (account_id, debits_pending, debits_posted, credits_pending, credits_posted)
  SELECT id, debits_pending, debits_posted, credits_pending, credits_posted FROM totals
  ON CONFLICT (account_id) DO UPDATE SET debits_pending = excluded.debits_pending,
    debits_posted = excluded.debits_posted, credits_pending = excluded.credits_pending,
    credits_posted = excluded.credits_posted`;
