import type { RewardPlan } from '../../domain/rewards/types.ts';
import type { Queryable } from '../db.ts';
import type { StoredResult } from './types.ts';

export type SettledRow = {
  seedHash: string;
  economyVersion: number;
  result: StoredResult;
  plans: RewardPlan[];
};

/** What settlement pinned; null before it, and for results that were brought in. */
export async function readSettled(db: Queryable, matchId: string): Promise<SettledRow | null> {
  const { rows } = await db.query<SettledRow>(
    `SELECT seed_hash AS "seedHash", economy_version AS "economyVersion", result, plans FROM matches
     WHERE id = $1 AND status = 'finished' AND mode <> 'external'`,
    [matchId],
  );
  return rows[0] ?? null;
}
