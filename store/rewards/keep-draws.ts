import type { Economy } from '../../domain/economy/types.ts';
import { missesAfter } from '../../domain/rewards/pity.ts';
import type { RewardPlan } from '../../domain/rewards/types.ts';
import type { Tx } from '../db.ts';

/** What new plans leave behind: how far pity has come, and what was drawn. Once per plan, in the settlement. */
export async function keepDraws(tx: Tx, economy: Economy, plans: readonly RewardPlan[]): Promise<void> {
  await keepMisses(tx, economy, plans);
  await keepObservations(tx, plans);
}

async function keepMisses(tx: Tx, economy: Economy, plans: readonly RewardPlan[]): Promise<void> {
  const counters = plans.flatMap((plan) =>
    Object.entries(missesAfter(economy, plan)).map(([table, misses]) => ({
      playerId: plan.playerId,
      table,
      misses,
    })),
  );
  if (counters.length === 0) return;
  await tx.query({
    name: 'keep_misses',
    text: `UPDATE pity_counters c SET misses = w.misses
           FROM unnest($1::uuid[], $2::text[], $3::int[]) AS w(id, code, misses)
           WHERE c.player_id = w.id AND c.table_code = w.code AND c.misses <> w.misses`,
    values: [
      counters.map(({ playerId }) => playerId),
      counters.map(({ table }) => table),
      counters.map(({ misses }) => misses),
    ],
  });
}

/** Chance alone: what pity gave was no draw. */
async function keepObservations(tx: Tx, plans: readonly RewardPlan[]): Promise<void> {
  const draws = plans.flatMap((plan) => plan.draws ?? []).filter(({ variant }) => variant !== 'pity');
  if (draws.length === 0) return;
  await tx.query({
    name: 'keep_observations',
    text: `INSERT INTO drop_draws (table_code, table_version, variant, entry, draw_count)
           SELECT code, version, variant, entry, count(*)
           FROM unnest($1::text[], $2::int[], $3::text[], $4::text[]) AS d(code, version, variant, entry)
           GROUP BY code, version, variant, entry`,
    values: [
      draws.map(({ table }) => table),
      draws.map(({ tableVersion }) => tableVersion),
      draws.map(({ variant }) => variant),
      draws.map(({ entry }) => entry),
    ],
  });
}
