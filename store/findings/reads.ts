import type { Queryable } from '../db.ts';

export async function countOpenFindings(
  on: Queryable,
  finding: { rule: string; subjectPrefix: string },
): Promise<number> {
  const { rows } = await on.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM findings WHERE rule = $1 AND starts_with(subject, $2) AND closed_at IS NULL',
    [finding.rule, finding.subjectPrefix],
  );
  return rows[0]?.count ?? 0;
}
