import type { RewardPlan } from '../../domain/rewards/types.ts';
import type { Queryable, Tx } from '../db.ts';
import type { Verdict } from '../verdicts/reads.ts';

export type PinnedPlans = { plans: RewardPlan[]; rewardStatus: 'paid' | 'withheld' | null };

/** A finished match's plans, its row locked: paying, withholding and verdicts of one match happen one after another. */
export async function lockPlans(tx: Tx, matchId: string): Promise<PinnedPlans | null> {
  const { rows } = await tx.query<PinnedPlans>({
    name: 'lock_plans',
    text: `SELECT plans, reward_status AS "rewardStatus" FROM matches
           WHERE id = $1 AND status = 'finished' AND plans IS NOT NULL FOR UPDATE`,
    values: [matchId],
  });
  return rows[0] ?? null;
}

export type GrantRow = {
  mode: string;
  plans: RewardPlan[];
  reviewRequired: boolean;
  verdict: Verdict | null;
};

/** What `rewardGrant` needs to begin; null while the match has no result. */
export async function readGrant(on: Queryable, matchId: string): Promise<GrantRow | null> {
  const { rows } = await on.query<GrantRow>({
    name: 'read_grant',
    text: `SELECT coalesce(m.config ->> 'mode', m.mode) AS mode, m.plans, m.review_required AS "reviewRequired",
             CASE WHEN v.subject IS NOT NULL
               THEN jsonb_build_object('decision', v.decision, 'reason', v.reason) END AS verdict
           FROM matches m LEFT JOIN verdicts v ON v.subject = 'match:' || m.id
           WHERE m.id = $1 AND m.status = 'finished' AND m.plans IS NOT NULL`,
    values: [matchId],
  });
  return rows[0] ?? null;
}
