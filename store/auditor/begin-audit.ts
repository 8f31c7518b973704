import type { Db, Queryable } from '../db.ts';
import { openFindingCounts } from '../findings/reads.ts';
import { settledJournalId } from '../ledger/settled-journal.ts';
import { ruleNames, rules } from './rules.ts';
import type { RuleName } from './rules.ts';

export type AuditMode = 'incremental' | 'full';
/** `after` of a rule: it looks at the journals above; 0n is everything. */
export type AuditPlan = {
  after: bigint;
  until: bigint;
  checks: { rule: RuleName; after: bigint }[];
};

const settleMsMax = 5_000;

/**
 * What an audit looks at: the journals since the last one, or everything. A rule with open findings looks at everything
 * again, so that it sees what has become right. Null while a long transaction is in the way: try again.
 */
export async function beginAudit(
  db: Db,
  audit: { auditId: string; mode: AuditMode; actor: string },
): Promise<AuditPlan | null> {
  const until = await settledJournalId(db, settleMsMax);
  if (until === null) return null;
  const full = audit.mode === 'full';
  const after = full ? 0n : (await readProgress(db)).journalId;
  const open = await openFindingCounts(db);
  const fullOnly = new Set(rules.flatMap(({ name, fullOnly: only }) => (only === true ? [name] : [])));
  const checks = ruleNames
    .filter((rule) => full || open.has(rule) || !fullOnly.has(rule))
    .map((rule) => ({ rule, after: open.has(rule) ? 0n : after }));
  await db.query(
    `INSERT INTO audits (id, mode, actor, after_journal_id, until_journal_id) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (id) DO UPDATE SET after_journal_id = $4, until_journal_id = $5`,
    [audit.auditId, audit.mode, audit.actor, after, until],
  );
  return { after, until, checks };
}

export type AuditProgress = { journalId: bigint; blockHeight: bigint; auditedAt: Date | null };

export async function readProgress(on: Queryable): Promise<AuditProgress> {
  const { rows } = await on.query<AuditProgress>(
    `SELECT journal_id AS "journalId", block_height AS "blockHeight", audited_at AS "auditedAt" FROM audit_progress`,
  );
  return rows[0] ?? { journalId: 0n, blockHeight: 0n, auditedAt: null };
}
