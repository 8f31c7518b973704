import type { Economy } from '../economy/types.ts';
import type { RewardPlan } from './types.ts';

/** The misses of a plan's tables after its draws: from the pinned ones on, each hit begins anew. */
export function missesAfter({ dropTables }: Economy, { input, draws = [] }: RewardPlan) {
  const misses: { [table: string]: number } = { ...input.pity };
  for (const { table, entry } of draws) {
    const { pity } = dropTables[table] ?? {};
    if (pity) misses[table] = entry === pity.entry ? 0 : (misses[table] ?? 0) + 1;
  }
  return misses;
}
