import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { GrantOutcome, GrantView, RewardActivities, Verdict } from '../activities/rewards/types.ts';
import { receiptLink, setPlayers, setStatus, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { ladder } from './ladder.ts';
import type { Ladder } from './ladder.ts';
import { matchFinished, verdictRecorded } from './messages.ts';
import type { RewardGrantInput, RewardGrantResult } from './messages.ts';
import { resultWaitMs, valveWaitsMs } from './timeouts.ts';

type Story = { matchId: string; nudgeCount: number; tale: Tale; steps: Ladder<RewardActivities> };

/**
 * Pays the pinned plans of a finished match, to all its players in one batch. It has no failing path: it completes, paid
 * or withheld by a recorded verdict, or it waits and says for what.
 */
export async function rewardGrant({ matchId }: RewardGrantInput): Promise<RewardGrantResult> {
  const tale = tell(`Rewards of match \`${matchId}\``);
  const stalled = (step: string, failure: string) =>
    tale.now(`\`${step}\` failed and is tried again until it answers: ${failure}`);
  const story: Story = { matchId, nudgeCount: 0, tale, steps: ladder<RewardActivities>({ stalled }) };
  setHandler(matchFinished, () => void story.nudgeCount++);
  setHandler(verdictRecorded, () => void story.nudgeCount++);

  const grant = await untilFinished(story);
  introduce(story, grant);
  const verdict = grant.verdict ?? (grant.reviewRequired ? await review(story, grant) : null);
  if (verdict !== null) tale.happened(`verdict: ${verdict.decision} (${verdict.reason})`);
  const result = verdict?.decision === 'rejected' ? await withhold(story, verdict) : await pay(story);
  setStatus('completed');
  await condition(allHandlersFinished);
  return result;
}

async function untilFinished(story: Story): Promise<GrantView> {
  const seen = story.nudgeCount;
  const grant = await story.steps.readGrant({ matchId: story.matchId }, 'Read the pinned plans');
  if (grant !== null) return grant;
  story.tale.now('waits for the result of the match');
  await nudgeOr(story, seen, resultWaitMs, 'Look for the result again');
  return untilFinished(story);
}

function introduce({ matchId, tale }: Story, { mode, players }: GrantView): void {
  setPlayers(players.map(({ playerId }) => playerId));
  const lines = players.map(({ playerId, pays }) => `\`${playerId}\`: ${pays}`);
  tale.about(`Rewards of match \`${matchId}\` (${mode})`, lines.join(' · '));
}

/** Waits for the verdict row, which signals only announce; at the limit the configured policy becomes the verdict. */
async function review(story: Story, { reviewLimitMs, reviewPolicy }: GrantView): Promise<Verdict> {
  const { matchId, steps, tale } = story;
  const endsAtMs = Date.now() + reviewLimitMs;
  const otherwise = reviewPolicy === 'pay' ? 'it is paid' : 'it is withheld';
  setStatus('waiting');
  tale.now(`under review: waits for a verdict until ${timeIn(reviewLimitMs)}; without one ${otherwise}`);
  const verdict = await untilDecided();
  setStatus('running');
  return verdict;

  async function untilDecided(): Promise<Verdict> {
    const seen = story.nudgeCount;
    const recorded = await steps.readGrantVerdict({ matchId }, 'Read the verdict');
    if (recorded !== null) return recorded;
    const leftMs = endsAtMs - Date.now();
    if (leftMs <= 0) return steps.decideGrant({ matchId }, `No verdict in time: ${otherwise}`);
    await nudgeOr(story, seen, leftMs, 'Limit of the review');
    return untilDecided();
  }
}

async function withhold(story: Story, { reason }: Verdict): Promise<RewardGrantResult> {
  story.tale.now('the withholding is being recorded');
  const outcome = await story.steps.withholdGrant(
    { matchId: story.matchId, reason },
    'Record that nothing is paid',
  );
  return conclude(story, outcome) ?? pay(story);
}

async function pay(story: Story, attempt = 0): Promise<RewardGrantResult> {
  const { matchId, steps, tale } = story;
  const seen = story.nudgeCount;
  tale.now('the rewards are being paid');
  const outcome = await steps.payGrant({ matchId }, 'Pay all players in one batch');
  const result = conclude(story, outcome);
  if (result !== null) return result;

  // a year behind a closed valve must not outgrow the history
  if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof rewardGrant>({ matchId });
  const waitMs = valveWaitsMs[Math.min(attempt, valveWaitsMs.length - 1)] ?? 0;
  setStatus('waiting');
  const reason = outcome.status === 'waiting' ? outcome.reason : '';
  tale.now(`waits: ${reason}. What could be paid has been; the rest is tried again at ${timeIn(waitMs)}`);
  await nudgeOr(story, seen, waitMs, 'Try the waiting rewards again');
  setStatus('running');
  return pay(story, attempt + 1);
}

/** Tells each player's line; null while some of it still waits. */
function conclude({ tale }: Story, outcome: GrantOutcome): RewardGrantResult | null {
  if (outcome.status === 'waiting') return null;
  for (const { playerId, result, journalKey } of outcome.lines) {
    tale.happened(
      `\`${playerId}\`: ${result}${result === 'ok' || result === 'exists' ? ` (${receiptLink(journalKey)})` : ''}`,
    );
  }
  tale.happened(outcome.status);
  return { status: outcome.status, lines: outcome.lines };
}

/** Until somebody nudges after `seen`, or the time is up. */
const nudgeOr = (story: Story, seen: number, waitMs: number, summary: string): Promise<boolean> =>
  condition(() => story.nudgeCount > seen, waitMs, { summary });
