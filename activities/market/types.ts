import type { ErrorCode } from '../../domain/errors.ts';
import type { Decision, Refusal, StepReply, TradeTerms } from '../../domain/market/types.ts';

type OfTrade = { tradeId: string };

/**
 * The steps of a trade. Each is one guarded transaction under the trade's own keys, so any of them may run twice, late, or
 * after its undo: late ones answer `cancelled`.
 */
export type TradeActivities = {
  /** Holds the price in the buyer's wallet and tells that the trade has started. */
  holdPrice(input: OfTrade & { holdTtlMs: number }): Promise<{ done: true; terms: TradeTerms } | Refusal>;
  /** Moves the item's lock from the listing to this trade: of several buyers one gets it. */
  moveLock(input: OfTrade): Promise<StepReply>;
  enterReview(input: OfTrade): Promise<StepReply>;
  readTradeVerdict(input: OfTrade): Promise<{ decision: Decision; reason: string } | null>;
  /** Money, item, fee, listing and the trade's own end in one transaction. */
  settleTrade(input: OfTrade): Promise<StepReply>;
  /** From here on no step of the trade can happen any more, unless it has already been settled: then nothing is undone. */
  startUndo(input: OfTrade & { code: ErrorCode }): Promise<{ settled: boolean }>;
  failTrade(input: OfTrade & { code: ErrorCode; detail: string }): Promise<void>;
};

/** What takes a trade's steps back. */
export type TradeUndoActivities = {
  undoLock(input: OfTrade): Promise<void>;
  undoHold(input: OfTrade): Promise<void>;
};
