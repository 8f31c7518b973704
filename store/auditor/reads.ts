import type { Queryable } from '../db.ts';
import type { AuditMode } from './begin-audit.ts';
import type { RuleOutcome } from './finish-audit.ts';

export type Audit = {
  id: string;
  mode: AuditMode;
  actor: string;
  afterJournalId: bigint | null;
  untilJournalId: bigint | null;
  results: RuleOutcome[] | null;
  startedAt: Date;
  endedAt: Date | null;
};

export async function readAudit(on: Queryable, auditId: string): Promise<Audit | null> {
  const { rows } = await on.query<Audit>(
    `SELECT id, mode, actor, after_journal_id AS "afterJournalId", until_journal_id AS "untilJournalId", results,
       started_at AS "startedAt", ended_at AS "endedAt"
     FROM audits WHERE id = $1`,
    [auditId],
  );
  return rows[0] ?? null;
}
