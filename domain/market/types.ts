import type { ErrorCode } from '../errors.ts';

export type ListingStatus = 'open' | 'in_trade' | 'sold' | 'cancelled' | 'expired';

/**
 * `initiated → funds_reserving → item_locking → [in_review] → settling → completed`, or from any of them
 * `compensating → failed`. Settling is one transaction, so no reader ever meets a trade at rest in it.
 */
export type TradeState =
  | 'initiated'
  | 'funds_reserving'
  | 'item_locking'
  | 'in_review'
  | 'settling'
  | 'completed'
  | 'compensating'
  | 'failed';

/** What a trade is about, fixed when it is opened. Amounts are decimal strings: terms travel through Temporal. */
export type TradeTerms = {
  tradeId: string;
  listingId: string;
  buyerId: string;
  sellerId: string;
  itemId: string;
  kind: string;
  asset: string;
  price: string;
  fee: string;
  reviewRequired: boolean;
};

/** A business answer that is not the hoped-for one: a value, never a fault. */
export type Refusal = { done: false; code: ErrorCode; detail: string };
export type StepReply = { done: true } | Refusal;

export type Decision = 'cleared' | 'rejected';
