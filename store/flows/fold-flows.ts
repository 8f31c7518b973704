import type { Db, Queryable } from '../db.ts';
import { foldJournals } from '../ledger/fold-journals.ts';
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
 * Adds the journals since the last fold to the flows. It reads what is there rather than what was announced, so an event
 * that is lost, told twice or out of order, and a database that was restored, change nothing. Answers as `foldJournals`.
 */
export function foldFlows(
  db: Db,
  { journalCountMax = 20_000 }: { journalCountMax?: number } = {},
): Promise<bigint | null> {
  return foldJournals(db, {
    progress: 'flow_progress',
    journalCountMax,
    add: (tx, after, until) =>
      tx.query(
        `INSERT INTO flow_hours AS f (asset, hour, purpose, role, code, debited, credited, transfer_count)
         ${flowsOf()}
         ON CONFLICT (asset, hour, purpose, role, code) DO UPDATE SET debited = f.debited + excluded.debited,
           credited = f.credited + excluded.credited, transfer_count = f.transfer_count + excluded.transfer_count`,
        [after, until],
      ),
  });
}
