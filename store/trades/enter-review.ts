import type { Db } from '../db.ts';
import { advanceTrade } from './advance-trade.ts';

/** Says in the trade's row that it waits for a verdict. Throws `cancelled`. */
export const enterReview = (db: Db, tradeId: string) =>
  db.transaction((tx) => advanceTrade(tx, tradeId, 'in_review'));
