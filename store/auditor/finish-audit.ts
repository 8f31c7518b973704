import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Db } from '../db.ts';

export type RuleOutcome = {
  rule: string;
  /** Journals above this id were looked at; `0`: everything. */
  after: string;
  violationCount: number;
  openedCount: number;
  closedCount: number;
  durationMs: number;
};

/** The end of an audit: its results, and how far the books are looked through. The next one goes on from there. */
export async function finishAudit(
  db: Db,
  { auditId, until, results }: { auditId: string; until: bigint; results: readonly RuleOutcome[] },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      'UPDATE audits SET ended_at = clock_timestamp(), results = $2::jsonb WHERE id = $1 AND ended_at IS NULL',
      [auditId, canonicalJson(results)],
    );
    await tx.query(
      'UPDATE audit_progress SET journal_id = greatest(journal_id, $1), audited_at = clock_timestamp()',
      [until],
    );
  });
}
