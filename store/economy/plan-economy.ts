import { compareEconomies } from '../../domain/economy/plan-economy.ts';
import type { EconomyDifference } from '../../domain/economy/plan-economy.ts';
import type { Economy } from '../../domain/economy/types.ts';
import type { ErrorPlace } from '../../domain/errors.ts';
import type { Queryable } from '../db.ts';
import { findStranded } from './find-stranded.ts';
import { findConflicts } from './publish-parts.ts';
import { findCurrentEconomy } from './reads.ts';

export type EconomyPlan = EconomyDifference & {
  current: { version: number; hash: string } | null;
  /** What players hold and the file no longer names: refused unless it is allowed. */
  stranded: ErrorPlace[];
  /** What was published otherwise under the same version: refused. */
  conflicts: ErrorPlace[];
  /** Matches that go on under an earlier version and are paid by it, tables that are gone included. */
  openMatchCount: number;
};

/** What applying an economy (already parsed) would do; nothing is written. */
export async function planEconomy(db: Queryable, next: Economy): Promise<EconomyPlan> {
  const current = await findCurrentEconomy(db);
  const { warnings, ...difference } = compareEconomies(current?.economy ?? null, next);
  const { openMatchCount, rolled } = await findOpenMatches(db);
  const gone = rolled.filter(({ code }) => !Object.hasOwn(next.dropTables, code));
  return {
    current: current && { version: current.version, hash: current.hash },
    ...difference,
    warnings: [
      ...warnings,
      ...gone.map(({ code, count }) => ({
        pointer: `/dropTables/${code}`,
        detail: `is gone; ${count} open matches still roll it, under the version they began with`,
      })),
    ],
    stranded: await findStranded(db, next),
    conflicts: await findConflicts(db, next),
    openMatchCount,
  };
}

/** Matches that go on, and how many of them each table of their versions concerns. */
async function findOpenMatches(
  db: Queryable,
): Promise<{ openMatchCount: number; rolled: { code: string; count: number }[] }> {
  const { rows } = await db.query<{ code: string | null; count: number }>(
    `WITH open AS (
       SELECT economy_version AS version, count(*) AS count FROM matches
       WHERE status IN ('lobby', 'starting', 'running') GROUP BY 1
     ), tables AS (
       SELECT o.count, jsonb_object_keys(v.content -> 'dropTables') AS code
       FROM open o JOIN economy_versions v USING (version)
     )
     SELECT NULL AS code, coalesce(sum(count), 0)::int AS count FROM open
     UNION ALL SELECT code, sum(count)::int FROM tables GROUP BY code ORDER BY code NULLS FIRST`,
  );
  const rolled = rows.flatMap(({ code, count }) => (code === null ? [] : [{ code, count }]));
  return { openMatchCount: rows[0]?.count ?? 0, rolled };
}
