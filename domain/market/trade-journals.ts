import type { EventData } from '../events.ts';
import { clearingOf, feeOf, walletOf } from '../ledger/accounts.ts';
import { journalKeys } from '../ledger/keys.ts';
import type { JournalCause, NewJournal, NewTransfer } from '../ledger/types.ts';
import { playerHolder } from '../ledger/types.ts';
import { listingData } from './listing-journals.ts';
import { listingLock, tradeLock } from './locks.ts';
import type { TradeTerms } from './types.ts';

/** The economy's role behind the market's clearing and fee accounts. */
const role = 'market';

export const tradeData = (trade: TradeTerms): EventData['market.trade.started.v1'] => ({
  tradeId: trade.tradeId,
  listingId: trade.listingId,
  buyerId: trade.buyerId,
  sellerId: trade.sellerId,
  itemId: trade.itemId,
  kind: trade.kind,
  asset: trade.asset,
  price: trade.price,
});

const hold = (tradeId: string) => ({ key: journalKeys.trade(tradeId, 'hold'), index: 0 });

/** Reserves the price in the buyer's wallet. Closed valves refuse here and only here: what has begun may end. */
export const holdJournal = (trade: TradeTerms, ttlMs: number, cause: JournalCause): NewJournal => ({
  ...cause,
  step: 'hold',
  key: hold(trade.tradeId).key,
  kind: 'trade_hold',
  valves: ['channel:market', 'channel:trades', `kind:${trade.kind}`],
  transfers: [
    {
      state: 'pending',
      debit: walletOf(trade.buyerId, trade.asset),
      credit: clearingOf(role, trade.asset),
      amount: BigInt(trade.price),
      code: 'hold',
      ttlMs,
    },
  ],
  movements: [],
  events: [{ type: 'market.trade.started.v1', key: trade.tradeId, data: tradeData(trade) }],
});

export const lockJournal = (trade: TradeTerms, cause: JournalCause): NewJournal => ({
  ...cause,
  step: 'lock',
  key: journalKeys.trade(trade.tradeId, 'lock'),
  kind: 'trade_lock',
  transfers: [],
  movements: [
    {
      code: 'lock',
      itemId: trade.itemId,
      from: playerHolder(trade.sellerId),
      expectLock: listingLock(trade.listingId),
      lock: tradeLock(trade.tradeId),
    },
  ],
  events: [],
});

/** Money and item in one journal: there is no state in which one of them moved and the other did not. */
export function settleJournal(trade: TradeTerms, cause: JournalCause): NewJournal {
  const price = BigInt(trade.price);
  const fee = BigInt(trade.fee);
  const from = clearingOf(role, trade.asset);
  const transfers: NewTransfer[] = [{ state: 'post', pending: hold(trade.tradeId), code: 'trade_price' }];
  const shares = [
    { credit: walletOf(trade.sellerId, trade.asset), amount: price - fee, code: 'trade_price' },
    { credit: feeOf(role, trade.asset), amount: fee, code: 'trade_fee' },
  ] as const;
  for (const share of shares)
    if (share.amount > 0n) transfers.push({ state: 'posted', debit: from, ...share });
  const listing = { ...trade, price };
  return {
    ...cause,
    step: 'settle',
    key: journalKeys.trade(trade.tradeId, 'settle'),
    kind: 'trade_settle',
    transfers,
    movements: [
      {
        code: 'transfer',
        itemId: trade.itemId,
        from: playerHolder(trade.sellerId),
        to: playerHolder(trade.buyerId),
        expectLock: tradeLock(trade.tradeId),
        lock: null,
      },
    ],
    events: [
      {
        type: 'market.trade.completed.v1',
        key: trade.tradeId,
        data: { ...tradeData(trade), fee: trade.fee },
      },
      { type: 'market.listing.sold.v1', key: trade.listingId, data: listingData(listing) },
    ],
  };
}

export const voidHoldJournal = (trade: TradeTerms, cause: JournalCause): NewJournal => ({
  ...cause,
  step: 'undo-hold',
  key: journalKeys.trade(trade.tradeId, 'undo-hold'),
  kind: 'trade_undo',
  transfers: [{ state: 'void', pending: hold(trade.tradeId), code: 'hold' }],
  movements: [],
  events: [],
});

/**
 * Gives the item back: to its listing, or to its seller's own use when the listing has expired meanwhile. Which of the two
 * depends on when it happens, so the trade alone is its identity.
 */
export function unlockJournal(trade: TradeTerms, listingExpired: boolean, cause: JournalCause): NewJournal {
  const item = {
    itemId: trade.itemId,
    from: playerHolder(trade.sellerId),
    expectLock: tradeLock(trade.tradeId),
  };
  const listing = { ...trade, price: BigInt(trade.price) };
  return {
    ...cause,
    step: 'undo-lock',
    key: journalKeys.trade(trade.tradeId, 'undo-lock'),
    kind: 'trade_undo',
    identity: { undoLock: trade.tradeId },
    transfers: [],
    movements: [
      listingExpired
        ? { code: 'unlock', ...item }
        : { code: 'lock', ...item, lock: listingLock(trade.listingId) },
    ],
    events: listingExpired
      ? [{ type: 'market.listing.expired.v1', key: trade.listingId, data: listingData(listing) }]
      : [],
  };
}
