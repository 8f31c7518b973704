import type { ErrorCode } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { tradeData } from '../../domain/market/trade-journals.ts';
import type { Db } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { tradeColumns } from './reads.ts';
import type { Trade } from './reads.ts';

/** The end of a trade that has been undone, with its event, once. Answers null when it had ended before. */
export function failTrade(
  db: Db,
  { tradeId, code }: { tradeId: string; code: ErrorCode },
  context: EventContext = {},
): Promise<Trade | null> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<Trade>(
      `UPDATE trades SET state = 'failed', failure_code = $2, ended_at = clock_timestamp()
       WHERE id = $1 AND state = 'compensating' RETURNING ${tradeColumns}`,
      [tradeId, code],
    );
    const trade = rows[0];
    if (trade === undefined) return null;
    const data = { ...tradeData(trade), reason: code };
    await appendEvents(tx, [{ type: 'market.trade.failed.v1', key: tradeId, data }], context);
    return trade;
  });
}
