import {
  CancellationScope,
  TemporalFailure,
  allHandlersFinished,
  condition,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { TradeActivities, TradeUndoActivities } from '../activities/market/types.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { journalKeys } from '../domain/ledger/keys.ts';
import type { Refusal, TradeState, TradeTerms } from '../domain/market/types.ts';
import { receiptLink, setStatus, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { ladder, reasonOf, undoLadder } from './ladder.ts';
import type { Ladder } from './ladder.ts';
import { begin, cancelTrade, verdictRecorded } from './messages.ts';
import type { TradeInput, TradeReply, TradeResult } from './messages.ts';
import { refuseUpdate } from './refuse-update.ts';
import { holdMarginMs } from './timeouts.ts';
import { createUndoStack } from './undo.ts';
import type { UndoStack } from './undo.ts';

type Story = {
  tradeId: string;
  reviewLimitMs: number;
  phase: TradeState;
  /** What `begin` answers: set when the story is over or has to wait, unset while it moves. */
  reply: TradeReply | undefined;
  nudgeCount: number;
  cancelled: boolean;
  tale: Tale;
  undo: UndoStack;
  steps: Ladder<TradeActivities>;
  undoing: Ladder<TradeUndoActivities>;
};

/**
 * A purchase from the market: hold the price, lock the item for this buyer, wait for a verdict where one is needed, settle
 * money and item in one journal. A refusal on the way takes everything back and ends as `failed` with its reason.
 */
export async function trade(input: TradeInput): Promise<TradeResult> {
  const story = open(input);
  const refusal = await attempt(story);
  const result = refusal === null ? complete(story) : await takeBack(story, refusal);
  story.reply = result;
  // also when the workflow was cancelled: whoever asked gets an answer
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return result;
}

function open({ tradeId, reviewLimitMs }: TradeInput): Story {
  const tale = tell(`Trade \`${tradeId}\``);
  const waiting = {
    stalled(step: string, failure: string) {
      story.reply ??= { status: 'stalled' };
      tale.now(`\`${step}\` failed and is tried again until it answers: ${failure}`);
    },
    resumed() {
      if (story.reply?.status === 'stalled') story.reply = undefined;
    },
  };
  const story: Story = {
    tradeId,
    reviewLimitMs,
    phase: 'initiated',
    reply: undefined,
    nudgeCount: 0,
    cancelled: false,
    tale,
    undo: createUndoStack(tale),
    steps: ladder<TradeActivities>(waiting),
    undoing: undoLadder<TradeUndoActivities>(waiting),
  };
  setHandler(begin, () => whenAnswered(story));
  setHandler(verdictRecorded, () => void story.nudgeCount++);
  setHandler(cancelTrade, () => cancelInReview(story), { validator: () => onlyInReview(story) });
  return story;
}

async function whenAnswered(story: Story): Promise<TradeReply> {
  await condition(() => story.reply !== undefined);
  if (story.reply === undefined) throw new TypeError('the condition has just seen a reply');
  return story.reply;
}

function onlyInReview({ phase }: Story): void {
  if (phase !== 'in_review')
    refuseUpdate('trade_not_cancellable', `the trade is ${phase}; a buyer may cancel it in review`);
}

function cancelInReview(story: Story): { cancelled: boolean } {
  story.cancelled = true;
  story.phase = 'compensating';
  return { cancelled: true };
}

/** The way to completion; a fault that no patience mends, or an operator's cancellation, is a refusal too. */
async function attempt(story: Story): Promise<Refusal | null> {
  try {
    return await proceed(story);
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    if (isCancellation(error)) return refused('trade_cancelled', 'an operator cancelled the workflow');
    return refused('internal', reasonOf(error));
  }
}

async function proceed(story: Story): Promise<Refusal | null> {
  const { tradeId, steps, undo, undoing, tale } = story;

  story.phase = 'funds_reserving';
  tale.now("the price is being held in the buyer's wallet");
  undo.before("give the buyer's hold back", () =>
    undoing.undoHold({ tradeId }, "Give the buyer's hold back"),
  );
  const holdTtlMs = story.reviewLimitMs + holdMarginMs;
  const held = await steps.holdPrice({ tradeId, holdTtlMs }, "Hold the price in the buyer's wallet");
  if (!held.done) return held;
  introduce(tale, held.terms);
  tale.happened(
    `${held.terms.price} ${held.terms.asset} of the buyer are held (${receiptLink(journalKeys.trade(tradeId, 'hold'))})`,
  );

  story.phase = 'item_locking';
  tale.now('the item is being locked for this trade');
  undo.before('give the item back to its listing', () =>
    undoing.undoLock({ tradeId }, 'Give the item back to its listing'),
  );
  const locked = await steps.moveLock({ tradeId }, 'Lock the item for this trade');
  if (!locked.done) return locked;
  tale.happened(`the item is locked for this trade (${receiptLink(journalKeys.trade(tradeId, 'lock'))})`);

  if (held.terms.reviewRequired) {
    const rejected = await review(story);
    if (rejected !== null) return rejected;
  }

  story.phase = 'settling';
  tale.now('money and item are changing hands');
  const settled = await steps.settleTrade({ tradeId }, 'Settle money, item and fee in one journal');
  return settled.done ? null : settled;
}

function introduce(tale: Tale, terms: TradeTerms): void {
  tale.about(
    `Trade: ${terms.kind}, ${terms.price} ${terms.asset}`,
    `Trade \`${terms.tradeId}\` of listing \`${terms.listingId}\` · buyer \`${terms.buyerId}\` · seller \`${terms.sellerId}\` · item [\`${terms.itemId}\`](/v1/items/${terms.itemId}/history) · fee ${terms.fee} ${terms.asset}`,
  );
}

/** Waits for the verdict row; signals only wake it. Null: cleared. */
async function review(story: Story): Promise<Refusal | null> {
  const { tradeId, tale, steps, reviewLimitMs } = story;
  await steps.enterReview({ tradeId }, 'Wait for a verdict');
  story.phase = 'in_review';
  story.reply = { status: 'in_review' };
  setStatus('waiting');
  const endsAtMs = Date.now() + reviewLimitMs;
  tale.now(
    `waits for a verdict until ${timeIn(reviewLimitMs)}; without one the trade is rejected. The buyer may cancel`,
  );

  const refusal = await untilDecided(story, endsAtMs);
  // in the same turn as the decision: from here on a cancellation is refused
  story.phase = refusal === null ? 'settling' : 'compensating';
  story.reply = undefined;
  setStatus(refusal === null ? 'running' : 'compensating');
  if (refusal === null) tale.happened('a verdict cleared the trade');
  return refusal;

  async function untilDecided({ nudgeCount: seen }: Story, untilMs: number): Promise<Refusal | null> {
    const verdict = await steps.readTradeVerdict({ tradeId }, 'Read the verdict');
    if (story.cancelled) return refused('trade_cancelled', 'the buyer cancelled in review');
    if (verdict?.decision === 'cleared') return null;
    if (verdict?.decision === 'rejected') return refused('trade_rejected', verdict.reason);
    const leftMs = untilMs - Date.now();
    if (leftMs <= 0) return refused('trade_rejected', 'no verdict came within the review limit');
    await condition(() => story.cancelled || story.nudgeCount > seen, leftMs, {
      summary: 'Limit of the review',
    });
    return untilDecided(story, untilMs);
  }
}

function complete(story: Story): TradeResult {
  story.phase = 'completed';
  setStatus('completed');
  story.tale.happened(
    `completed: the buyer owns the item, the seller is paid (${receiptLink(journalKeys.trade(story.tradeId, 'settle'))})`,
  );
  return { status: 'completed' };
}

/** Undoes what was done and ends as failed; unless an answer that got lost had already settled the trade. */
const takeBack = (story: Story, { code, detail }: Refusal): Promise<TradeResult> =>
  CancellationScope.nonCancellable(async () => {
    const { tradeId, tale, steps } = story;
    story.phase = 'compensating';
    setStatus('compensating');
    tale.happened(`refused: \`${code}\`, ${detail}`);
    tale.now('what was done is taken back');
    const { settled } = await steps.startUndo({ tradeId, code }, 'No further step of this trade may happen');
    if (settled) return complete(story);
    await story.undo.run();
    await steps.failTrade({ tradeId, code, detail }, `Record the failure: ${code}`);
    story.phase = 'failed';
    setStatus('failed');
    tale.happened('failed: buyer and seller have what they had before');
    return { status: 'failed', code, detail };
  });

const refused = (code: ErrorCode, detail: string): Refusal => ({ done: false, code, detail });
