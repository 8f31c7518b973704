import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { requirePosted } from '../../domain/market/refused.ts';
import { settleJournal } from '../../domain/market/trade-journals.ts';
import type { Db, Tx } from '../db.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { requireNoneFrozen } from '../players/standing.ts';
import { refuseLate, requireTrade } from './advance-trade.ts';
import { tradeColumns } from './reads.ts';
import type { Trade } from './reads.ts';

/**
 * The end of a trade, once: `completed`, the listing sold, hold posted, seller and fee paid, the item with its buyer, both
 * events, in one transaction. Settled before, it answers the same.
 * Throws `pending_already_voided`, `pending_expired`, `item_locked`, `frozen`, `player_frozen`,
 * `cancelled`; then nothing has happened.
 */
export function settleTrade(
  db: Db,
  tradeId: string,
  cause: JournalCause,
  context: EventContext = {},
): Promise<{ trade: Trade; replayed: boolean }> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<Trade & { listingSold: boolean }>({
      name: 'complete_trade',
      text: completeSql,
      values: [tradeId],
    });
    const trade = rows[0];
    if (trade === undefined) return { trade: await requireCompleted(tx, tradeId), replayed: true };
    if (!trade.listingSold)
      throw new LootError('internal', `The listing ${trade.listingId} is not in trade ${tradeId}.`);
    await requireNoneFrozen(tx, [trade.buyerId, trade.sellerId]);
    const [posted] = await postJournals(tx, [settleJournal(trade, cause)], context);
    requirePosted(posted);
    return { trade, replayed: false };
  });
}

const completeSql = `
  WITH trade AS (
    UPDATE trades SET state = 'completed', ended_at = clock_timestamp()
    WHERE id = $1 AND state IN ('item_locking', 'in_review') RETURNING *
  ), listing AS (
    UPDATE listings l SET status = 'sold', version = l.version + 1
    FROM trade WHERE l.id = trade.listing_id AND l.trade_id = trade.id AND l.status = 'in_trade' RETURNING l.id
  )
  SELECT ${tradeColumns}, EXISTS (SELECT FROM listing) AS "listingSold" FROM trade`;

async function requireCompleted(tx: Tx, tradeId: string): Promise<Trade> {
  const trade = await requireTrade(tx, tradeId);
  if (trade.state === 'completed') return trade;
  if (trade.state === 'compensating' || trade.state === 'failed') return refuseLate(tx, tradeId);
  throw new LootError('internal', `The trade ${tradeId} is ${trade.state} and cannot be settled yet.`);
}
