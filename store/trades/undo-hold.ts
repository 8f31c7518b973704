import type { JournalCause } from '../../domain/ledger/types.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { voidHoldJournal } from '../../domain/market/trade-journals.ts';
import type { Db } from '../db.ts';
import { undoStep } from '../ledger/undo-step.ts';
import type { UndoResult } from '../ledger/undo-step.ts';
import { requireTrade } from './advance-trade.ts';

/** Gives the buyer's hold back, or sees to it that it never happens. Idempotent. */
export const undoHold = (db: Db, tradeId: string, cause: JournalCause): Promise<UndoResult> =>
  db.transaction(async (tx) => {
    const trade = await requireTrade(tx, tradeId);
    return undoStep(tx, {
      stepKey: journalKeys.trade(tradeId, 'hold'),
      reversal: voidHoldJournal(trade, cause),
    });
  });
