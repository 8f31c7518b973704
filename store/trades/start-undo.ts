import type { ErrorCode } from '../../domain/errors.ts';
import type { Db } from '../db.ts';
import { requireTrade } from './advance-trade.ts';

/**
 * From here on no step of the trade can happen, however late it comes. Answers whether it was settled before: a settlement
 * whose answer got lost stands, and nothing may be undone.
 */
export function startUndo(
  db: Db,
  { tradeId, code }: { tradeId: string; code: ErrorCode },
): Promise<{ settled: boolean }> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE trades SET state = 'compensating', failure_code = coalesce(failure_code, $2)
       WHERE id = $1 AND state NOT IN ('completed', 'failed')`,
      [tradeId, code],
    );
    if (rowCount === 1) return { settled: false };
    const trade = await requireTrade(tx, tradeId);
    return { settled: trade.state === 'completed' };
  });
}
