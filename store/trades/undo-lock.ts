import type { EventContext } from '../../domain/events.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { unlockJournal } from '../../domain/market/trade-journals.ts';
import type { Db, Tx } from '../db.ts';
import { undoStep } from '../ledger/undo-step.ts';
import type { UndoResult } from '../ledger/undo-step.ts';
import { requireTrade } from './advance-trade.ts';
import type { Trade } from './reads.ts';

/**
 * Gives the item back to its listing, which can be bought again; a listing that expired meanwhile ends, and the item is its
 * seller's to use. Where the lock was never moved it sees to it that it never is. Idempotent.
 */
export function undoLock(
  db: Db,
  tradeId: string,
  cause: JournalCause,
  context: EventContext = {},
): Promise<UndoResult> {
  return db.transaction(async (tx) => {
    const trade = await requireTrade(tx, tradeId);
    const { expired } = await releaseListing(tx, trade);
    const reversal = unlockJournal(trade, expired, cause);
    return undoStep(tx, { stepKey: journalKeys.trade(tradeId, 'lock'), reversal }, context);
  });
}

async function releaseListing(tx: Tx, trade: Trade): Promise<{ expired: boolean }> {
  const { rows } = await tx.query<{ expired: boolean }>(
    `UPDATE listings SET trade_id = NULL, version = version + 1,
       status = CASE WHEN expires_at > clock_timestamp() THEN 'open' ELSE 'expired' END
     WHERE id = $1 AND status = 'in_trade' AND trade_id = $2 RETURNING status = 'expired' AS expired`,
    [trade.listingId, trade.tradeId],
  );
  return rows[0] ?? { expired: false };
}
