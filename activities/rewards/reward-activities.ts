import { isEmptyPlan } from '../../domain/rewards/types.ts';
import type { RewardPlan } from '../../domain/rewards/types.ts';
import type { Config } from '../../platform/config.ts';
import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { Db } from '../../store/db.ts';
import { payMatch } from '../../store/rewards/pay-match.ts';
import type { Payment } from '../../store/rewards/pay-match.ts';
import { readGrant } from '../../store/rewards/plans.ts';
import { withholdMatch } from '../../store/rewards/withhold-match.ts';
import { readVerdict } from '../../store/verdicts/reads.ts';
import { recordVerdict } from '../../store/verdicts/record-verdict.ts';
import { causeOfStep } from '../cause.ts';
import { orFailure } from '../failures.ts';
import type { RewardActivities } from './types.ts';

type Deps = {
  db: Db;
  log: Log;
  crash: CrashPoints;
  config: Pick<Config, 'REWARD_REVIEW_LIMIT_MS' | 'REWARD_REVIEW_POLICY'>;
};

const actor = 'system:rewards';

export function createRewardActivities({ db, log, crash, config }: Deps): RewardActivities {
  return {
    async readGrant({ matchId }) {
      const grant = await readGrant(db, matchId);
      if (grant === null) return null;
      return {
        mode: grant.mode,
        players: grant.plans.map((plan) => ({ playerId: plan.playerId, pays: describe(plan) })),
        reviewRequired: grant.reviewRequired,
        reviewLimitMs: config.REWARD_REVIEW_LIMIT_MS,
        reviewPolicy: config.REWARD_REVIEW_POLICY,
        verdict: grant.verdict,
      };
    },

    readGrantVerdict: ({ matchId }) => readVerdict(db, `match:${matchId}`),

    decideGrant: ({ matchId }) => {
      const decision = config.REWARD_REVIEW_POLICY === 'pay' ? 'cleared' : 'rejected';
      const reason = 'no verdict came within the review limit';
      const subject = `match:${matchId}` as const;
      return db.transaction((tx) => decideUnlessDecided(tx, { subject, decision, reason, source: 'policy' }));
    },

    payGrant: ({ matchId }) =>
      orFailure(async () => {
        const { cause, context } = causeOfStep(actor);
        const payment = await payMatch(db, matchId, cause, context);
        crash('after-grant-before-complete');
        report(log, matchId, payment);
        return payment;
      }),

    withholdGrant: ({ matchId, reason }) =>
      orFailure(async () => {
        const payment = await withholdMatch(db, matchId, reason, causeOfStep(actor).context);
        report(log, matchId, payment);
        return payment;
      }),
  };
}

/** The policy contradicts nobody: a verdict that came in the last moment stands without a finding. */
async function decideUnlessDecided(
  tx: Parameters<typeof recordVerdict>[0],
  verdict: Parameters<typeof recordVerdict>[1],
) {
  return (await readVerdict(tx, verdict.subject)) ?? recordVerdict(tx, verdict);
}

function describe(plan: RewardPlan): string {
  if (isEmptyPlan(plan)) return 'nothing';
  const amounts = plan.lines.map(({ asset, amount }) => `${amount} ${asset}`);
  return [...amounts, ...plan.items.map(({ kind }) => `1 ${kind}`)].join(', ');
}

function report(log: Log, matchId: string, payment: Payment): void {
  const results = payment.lines.map(({ result }) => result);
  log.info({ matchId, outcome: payment.status, results }, `rewards ${payment.status}`);
}
