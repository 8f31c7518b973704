import type { Queryable } from '../db.ts';

/** Marks a finding as dealt with; closing one that is not open changes nothing. */
export async function closeFinding(on: Queryable, finding: { rule: string; subject: string }): Promise<void> {
  await on.query(
    'UPDATE findings SET closed_at = now() WHERE rule = $1 AND subject = $2 AND closed_at IS NULL',
    [finding.rule, finding.subject],
  );
}
