import type { Queryable } from '../db.ts';

/** What one look at the books covers. */
export type AuditScope = {
  /** Journals above this id, and what they touched; 0n: everything there is. */
  after: bigint;
  /** How long what follows a fact in time may take before its absence is a finding; 0 in a system at rest. */
  graceMs: number;
  /** How much longer a match under review may stay unpaid. */
  reviewLimitMs: number;
  /** How long a hold past its expiry may wait for the sweep; null: for ever. */
  holdGraceMs: number | null;
};

/** Everything, in a system where nothing is under way. */
export const atRest: AuditScope = { after: 0n, graceMs: 0, reviewLimitMs: 0, holdGraceMs: null };

/** `since`: when it became wrong, where the row tells. */
export type Violation = { subject: string; detail: string; since: Date | null };
export type Found = { violations: Violation[]; violationCount: number };
/** `lookedAt`: before what the look saw, by PostgreSQL's clock and to the microsecond. */
export type Look = Found & { lookedAt: string };

/** Of one rule so many are named; more of the same need one person, once. */
export const violationCountMax = 100;

/** Whether a rule looks at everything; part of a statement, with the scope's values as parameters. */
export const isFull = '$1::bigint = 0';
const names = ['after', 'graceMs', 'reviewLimitMs', 'holdGraceMs'] as const;

/**
 * Violations as rows of `subject` and, where known, `detail` and `since`. One statement sees one snapshot: journals,
 * counters and stories written in one transaction are there together or not at all.
 */
export async function findWith(on: Queryable, violations: string, scope: AuditScope): Promise<Found> {
  // the first branch is empty: it gives every parameter its type, whichever of them the rule reads
  const values = names.map((name) => scope[name]);
  const { rows } = await on.query<Violation & { total: bigint }>(
    `SELECT v.subject, coalesce(v.detail, '') AS detail, v.since, count(*) OVER () AS total
     FROM (SELECT NULL AS subject, NULL AS detail, NULL::timestamptz AS since
             WHERE $1::bigint + $2::bigint + $3::bigint + $4::bigint IS NULL AND false
           UNION ALL (${violations})) v
     ORDER BY v.subject LIMIT ${violationCountMax}`,
    values,
  );
  return {
    violations: rows.map(({ subject, detail, since }) => ({ subject, detail, since })),
    violationCount: Number(rows[0]?.total ?? 0n),
  };
}
