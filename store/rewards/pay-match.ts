import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { isPosted } from '../../domain/ledger/types.ts';
import type { JournalCause, NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { detailOf } from '../../domain/market/refused.ts';
import { matchGrantJournal } from '../../domain/rewards/grant-journals.ts';
import type { RewardPlan } from '../../domain/rewards/types.ts';
import type { Db, Tx } from '../db.ts';
import { openFinding } from '../findings/open-finding.ts';
import { findOutsized } from '../grants/find-outsized.ts';
import { postGrants } from '../grants/post-grants.ts';
import { readVerdict } from '../verdicts/reads.ts';
import { lockPlans } from './plans.ts';
import { withholdIn } from './withhold-match.ts';

/** `result` is the ledger's answer, `empty` for a plan that pays nothing, or `withheld`. */
type PaidLine = { playerId: string; result: string; journalKey: string };
export type Payment =
  | { status: 'paid' | 'withheld'; lines: PaidLine[] }
  /** `reason`: the valve or cap that some lines wait for. */
  | { status: 'waiting'; lines: PaidLine[]; reason: string };

/**
 * Posts all pinned plans of a match in one batch and, when all of them are posted, says so on the match's row. A line that
 * exists is paid; one that the ledger refuses for good, or that is more than its source gives in any day, becomes a finding,
 * never silence, and the story is over, but the row stays open: paying again can still pay that line, a verdict withhold
 * it. A rejection recorded before this moment
 * withholds instead. Idempotent. Throws `not_found` when the match has no result.
 */
export function payMatch(
  db: Db,
  matchId: string,
  cause: JournalCause,
  context: EventContext = {},
): Promise<Payment> {
  return db.transaction(async (tx) => {
    const pinned = await lockPlans(tx, matchId);
    if (pinned === null) throw new LootError('not_found', `The match ${matchId} has no result.`);
    const verdict = await readVerdict(tx, `match:${matchId}`);
    if (pinned.rewardStatus === 'withheld' || verdict?.decision === 'rejected') {
      return withholdIn(tx, matchId, pinned, verdict?.reason ?? 'withheld before', context);
    }
    const attempts = await post(tx, matchId, pinned.plans, cause, context);
    const lines = attempts.map(({ playerId, journalKey, answer }) => ({
      playerId,
      journalKey,
      result: answer?.result ?? 'empty',
    }));
    const waitsFor = attempts.flatMap((attempt) => (attempt.waitsFor === null ? [] : [attempt.waitsFor]));
    if (waitsFor.length > 0) return { status: 'waiting', lines, reason: [...new Set(waitsFor)].join(' ') };

    const isPaidInFull = attempts.every(({ isRefused }) => !isRefused);
    if (isPaidInFull) {
      await tx.query("UPDATE matches SET reward_status = 'paid' WHERE id = $1 AND reward_status IS NULL", [
        matchId,
      ]);
    }
    return { status: 'paid', lines };
  });
}

/** `answer` null: there was nothing to post. `isRefused`: for good. */
type Attempt = {
  playerId: string;
  journalKey: string;
  answer: PostResult | null;
  waitsFor: string | null;
  isRefused: boolean;
};

async function post(
  tx: Tx,
  matchId: string,
  plans: readonly RewardPlan[],
  cause: JournalCause,
  context: EventContext,
): Promise<Attempt[]> {
  const journals = plans.map((plan) => matchGrantJournal(plan, matchId, cause));
  const due = journals.filter((journal): journal is NewJournal => journal !== null);
  const answers = await postGrants(tx, due, context);
  const outsized = await findOutsized(tx, due, answers);
  const byKey = new Map(due.map((journal, index) => [journal.key, answers[index]]));
  const attempts: Attempt[] = [];
  for (const { playerId } of plans) {
    const journalKey = journalKeys.matchGrant(matchId, playerId);
    const answer = byKey.get(journalKey) ?? null;
    const waitsFor =
      answer !== null && isPatient(answer) && !outsized.has(journalKey) ? detailOf(answer) : null;
    const isRefused = answer !== null && !isPosted(answer) && waitsFor === null;
    attempts.push({ playerId, journalKey, answer, waitsFor, isRefused });
    if (answer !== null && isRefused) {
      const detail = { matchId, playerId, result: answer.result };
      await openFinding(tx, { rule: 'reward_refused', subject: journalKey, detail });
    }
  }
  return attempts;
}

type Refused = Exclude<PostResult, { journalId: bigint }>;

/** Answers that change by themselves: a valve opens, a daily cap starts anew. */
const isPatient = (answer: PostResult): answer is Refused =>
  answer.result === 'frozen' || answer.result === 'limit_exceeded';
