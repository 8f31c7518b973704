import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { requirePosted } from '../../domain/market/refused.ts';
import { lockJournal } from '../../domain/market/trade-journals.ts';
import type { Db, Tx } from '../db.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { readListing } from '../listings/reads.ts';
import { advanceTrade } from './advance-trade.ts';
import type { Trade } from './reads.ts';

/**
 * Moves the item's lock from its listing to this trade and the listing to `in_trade`: of several buyers one gets it.
 * Idempotent. Throws `listing_gone`, `listing_in_trade`, `item_locked`, `cancelled`.
 */
export function moveLock(
  db: Db,
  tradeId: string,
  cause: JournalCause,
  context: EventContext = {},
): Promise<Trade> {
  return db.transaction(async (tx) => {
    const trade = await advanceTrade(tx, tradeId, 'item_locking');
    const { rowCount } = await tx.query({
      name: 'take_listing',
      text: `UPDATE listings SET status = 'in_trade', trade_id = $2, version = version + 1
             WHERE id = $1 AND status = 'open' AND expires_at > clock_timestamp()`,
      values: [trade.listingId, tradeId],
    });
    if (rowCount === 0) return requireTaken(tx, trade);
    const [posted] = await postJournals(tx, [lockJournal(trade, cause)], context);
    requirePosted(posted);
    return trade;
  });
}

/** Taken by this very trade before, in the transaction that moved the lock; else somebody else was faster. */
async function requireTaken(tx: Tx, trade: Trade): Promise<Trade> {
  const listing = await readListing(tx, trade.listingId);
  if (listing?.tradeId === trade.tradeId) return trade;
  if (listing?.status === 'in_trade')
    throw new LootError('listing_in_trade', 'Somebody else is buying the item at this moment.');
  throw new LootError(
    'listing_gone',
    `The listing is ${listing?.status === 'open' ? 'expired' : (listing?.status ?? 'gone')}.`,
  );
}
