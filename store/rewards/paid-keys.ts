import { journalKeys } from '../../domain/ledger/keys.ts';
import type { RewardPlan } from '../../domain/rewards/types.ts';
import type { Queryable } from '../db.ts';

/** Which grants of a match are posted, by journal key. */
export async function readPaidKeys(
  on: Queryable,
  matchId: string,
  plans: readonly RewardPlan[],
): Promise<Set<string>> {
  const keys = plans.map(({ playerId }) => journalKeys.matchGrant(matchId, playerId));
  const { rows } = await on.query<{ key: string }>(
    "SELECT key FROM journals WHERE key = ANY ($1) AND kind <> 'tombstone'",
    [keys],
  );
  return new Set(rows.map(({ key }) => key));
}
