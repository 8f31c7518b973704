import type { Metrics } from '../platform/metrics.ts';
import { readProgress } from '../store/auditor/begin-audit.ts';
import { ruleNames } from '../store/auditor/rules.ts';
import type { Db } from '../store/db.ts';
import { openFindingCounts } from '../store/findings/reads.ts';
import { closedValveCounts } from '../store/valves/reads.ts';

/** Set from the rows, so that every process that exports them says the same: whoever found or closed them. */
export async function setLedgerGauges(db: Db, metrics: Metrics): Promise<void> {
  const counts = await openFindingCounts(db);
  metrics.ledgerFindings.reset();
  for (const rule of new Set([...ruleNames, ...counts.keys()]))
    metrics.ledgerFindings.set({ rule }, counts.get(rule) ?? 0);
  for (const [scope, count] of Object.entries(await closedValveCounts(db)))
    metrics.valvesClosed.set({ scope }, count);
  const { auditedAt } = await readProgress(db);
  if (auditedAt !== null) metrics.ledgerLastAudit.set(auditedAt.getTime() / 1_000);
}
