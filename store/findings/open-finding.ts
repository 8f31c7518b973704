import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

export type NewFinding = { rule: string; subject: string; detail: JsonValue };

/**
 * Records what a person must look at, once per rule and subject, and tells it; found again after it was closed, it opens
 * again. `acknowledged`: but not when somebody closed it with a reason and it is still the same. Answers whether it is new.
 */
export async function openFinding(
  tx: Tx,
  finding: NewFinding,
  { acknowledged = false }: { acknowledged?: boolean } = {},
): Promise<boolean> {
  const { rule, subject, detail } = finding;
  const { rowCount } = await tx.query(
    `INSERT INTO findings AS f (rule, subject, detail) VALUES ($1, $2, $3::jsonb)
     ON CONFLICT (rule, subject) DO UPDATE
       SET closed_at = NULL, closed_by = NULL, close_reason = NULL, detail = excluded.detail, created_at = now()
     WHERE f.closed_at IS NOT NULL AND NOT ($4 AND f.closed_by IS NOT NULL AND f.detail = excluded.detail)`,
    [rule, subject, canonicalJson(detail), acknowledged],
  );
  if (rowCount === 0) return false;
  await appendEvents(tx, [{ type: 'ledger.finding.opened.v1', key: rule, subject, data: finding }]);
  return true;
}
