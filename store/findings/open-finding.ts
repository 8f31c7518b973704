import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';

/** Records what a person must look at, once per rule and subject; found again after it was closed, it opens again. */
export async function openFinding(
  on: Queryable,
  finding: { rule: string; subject: string; detail: JsonValue },
): Promise<void> {
  await on.query(
    `INSERT INTO findings (rule, subject, detail) VALUES ($1, $2, $3::jsonb)
     ON CONFLICT (rule, subject) DO UPDATE SET closed_at = NULL, detail = excluded.detail`,
    [finding.rule, finding.subject, canonicalJson(finding.detail)],
  );
}
