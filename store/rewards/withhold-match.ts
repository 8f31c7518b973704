import { LootError } from '../../domain/errors.ts';
import type { EventContext, NewEvent } from '../../domain/events.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { isEmptyPlan } from '../../domain/rewards/types.ts';
import type { Db, Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { readPaidKeys } from './paid-keys.ts';
import type { Payment } from './pay-match.ts';
import { lockPlans } from './plans.ts';
import type { PinnedPlans } from './plans.ts';

/**
 * Ends a match's rewards without paying what is not paid yet, once, with an event for each player it concerns. What was paid
 * before stays paid. Idempotent. Throws `not_found` when the match has no result.
 */
export function withholdMatch(
  db: Db,
  matchId: string,
  reason: string,
  context: EventContext = {},
): Promise<Payment> {
  return db.transaction(async (tx) => {
    const pinned = await lockPlans(tx, matchId);
    if (pinned === null) throw new LootError('not_found', `The match ${matchId} has no result.`);
    return withholdIn(tx, matchId, pinned, reason, context);
  });
}

/** The same where the match's row is already locked. */
export async function withholdIn(
  tx: Tx,
  matchId: string,
  { plans, rewardStatus }: PinnedPlans,
  reason: string,
  context: EventContext,
): Promise<Payment> {
  const paid = await readPaidKeys(tx, matchId, plans);
  const lines = plans.map((plan) => {
    const journalKey = journalKeys.matchGrant(matchId, plan.playerId);
    const result = paid.has(journalKey) ? 'exists' : isEmptyPlan(plan) ? 'empty' : 'withheld';
    return { playerId: plan.playerId, journalKey, result };
  });
  if (rewardStatus === 'paid') return { status: 'paid', lines };
  if (rewardStatus === null) {
    await tx.query("UPDATE matches SET reward_status = 'withheld' WHERE id = $1", [matchId]);
    const events = lines
      .filter(({ result }) => result === 'withheld')
      .map(({ playerId }): NewEvent => ({
        type: 'economy.grant.withheld.v1',
        key: playerId,
        data: { matchId, playerId, reason },
      }));
    await appendEvents(tx, events, context);
  }
  return { status: 'withheld', lines };
}
