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
  const { rows } = await db.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM matches WHERE status IN ('lobby', 'starting', 'running')",
  );
  return {
    current: current && { version: current.version, hash: current.hash },
    ...compareEconomies(current?.economy ?? null, next),
    stranded: await findStranded(db, next),
    conflicts: await findConflicts(db, next),
    openMatchCount: rows[0]?.count ?? 0,
  };
}
