import type { TradeActivities, TradeUndoActivities } from '../../activities/market/types.ts';
import type { StuckActivities } from '../../activities/stuck.ts';
import { recorded } from './recorded.ts';

export type TradeFakes = TradeActivities & TradeUndoActivities & StuckActivities;

export const terms = {
  tradeId: 'trade',
  listingId: 'listing-1',
  buyerId: 'buyer-1',
  sellerId: 'seller-1',
  itemId: 'item-1',
  kind: 'rare_sword',
  asset: 'gold',
  price: '800',
  fee: '40',
  reviewRequired: false,
};

/** Activities that succeed, and the list of their calls in order. `overrides` decide single answers. */
export function tradeFakes(overrides: Partial<TradeFakes> = {}) {
  const answers: TradeFakes = {
    holdPrice: async () => ({ done: true, terms }),
    moveLock: async () => ({ done: true }),
    enterReview: async () => ({ done: true }),
    readTradeVerdict: async () => null,
    settleTrade: async () => ({ done: true }),
    failTrade: async () => {},
    startUndo: async () => ({ settled: false }),
    undoLock: async () => {},
    undoHold: async () => {},
    reportStuck: async () => {},
    reportUnstuck: async () => {},
    ...overrides,
  };
  return recorded(answers);
}

export const reviewed = { ...terms, reviewRequired: true };

/** Fails `count` times, then answers. */
export function failing<Reply>(count: number, answer: Reply): () => Promise<Reply> {
  let left = count;
  return async () => {
    if (left-- > 0) throw new Error('the database is away');
    return answer;
  };
}
