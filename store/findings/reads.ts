import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable, Tx } from '../db.ts';

export type Finding = {
  id: bigint;
  rule: string;
  subject: string;
  detail: JsonValue;
  createdAt: Date;
  closedAt: Date | null;
  closedBy: string | null;
  closeReason: string | null;
  /** `createdAt` to the microsecond, as a cursor needs it. */
  position: string;
};

export const findingColumns = `id, rule, subject, detail, created_at AS "createdAt", closed_at AS "closedAt",
  closed_by AS "closedBy", close_reason AS "closeReason", created_at::text AS position`;

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

/** The open ones per rule; a rule without any is not in it. */
export async function openFindingCounts(on: Queryable): Promise<Map<string, number>> {
  const { rows } = await on.query<{ rule: string; count: number }>(
    'SELECT rule, count(*)::int AS count FROM findings WHERE closed_at IS NULL GROUP BY rule',
  );
  return new Map(rows.map(({ rule, count }) => [rule, count]));
}

/** Those that were open by then; locked, so that until the end of the transaction none is closed and opened anew. */
export async function openSubjects(tx: Tx, rule: string, since: string): Promise<string[]> {
  const { rows } = await tx.query<{ subject: string }>(
    `SELECT subject FROM findings WHERE rule = $1 AND closed_at IS NULL AND created_at < $2::timestamptz
     ORDER BY subject FOR UPDATE`,
    [rule, since],
  );
  return rows.map(({ subject }) => subject);
}

/** One page, newest first. */
export async function listFindings(
  on: Queryable,
  filter: { rule?: string; status?: 'open' | 'closed'; after?: readonly [string, string]; limit: number },
): Promise<Finding[]> {
  const { rows } = await on.query<Finding>(
    `SELECT ${findingColumns} FROM findings
     WHERE ($1::text IS NULL OR rule = $1) AND ($2::text IS NULL OR (closed_at IS NULL) = ($2 = 'open'))
       AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::bigint))
     ORDER BY created_at DESC, id DESC LIMIT $5`,
    [
      filter.rule ?? null,
      filter.status ?? null,
      filter.after?.[0] ?? null,
      filter.after?.[1] ?? null,
      filter.limit,
    ],
  );
  return rows;
}
