import type { EventContext } from '../../domain/events.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { requirePosted } from '../../domain/market/refused.ts';
import { holdJournal } from '../../domain/market/trade-journals.ts';
import type { Db } from '../db.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { advanceTrade } from './advance-trade.ts';
import type { Trade } from './reads.ts';

/**
 * Holds the price in the buyer's wallet for `holdTtlMs`. Idempotent.
 * Throws `insufficient_funds`, `frozen`, `unknown_account`, `cancelled`.
 */
export function holdPrice(
  db: Db,
  { tradeId, holdTtlMs }: { tradeId: string; holdTtlMs: number },
  cause: JournalCause,
  context: EventContext = {},
): Promise<Trade> {
  return db.transaction(async (tx) => {
    const trade = await advanceTrade(tx, tradeId, 'funds_reserving');
    const [posted] = await postJournals(tx, [holdJournal(trade, holdTtlMs, cause)], context);
    requirePosted(posted);
    return trade;
  });
}
