import { LootError } from '../../domain/errors.ts';
import type { TradeState } from '../../domain/market/types.ts';
import type { Tx } from '../db.ts';
import { readTrade, tradeColumns } from './reads.ts';
import type { Trade } from './reads.ts';

/** The way forward; a step that comes late or twice never moves a trade back. */
const order = [
  'initiated',
  'funds_reserving',
  'item_locking',
  'in_review',
  'settling',
  'completed',
] as const satisfies TradeState[];

/**
 * Takes the trade's row for the rest of the transaction and raises its state to `state`, unless it is further already. All
 * steps and undos of a trade queue here. Throws `cancelled` when the trade is being undone: a late step must not happen.
 */
export async function advanceTrade(tx: Tx, tradeId: string, state: (typeof order)[number]): Promise<Trade> {
  const { rows } = await tx.query<Trade>({
    name: 'advance_trade',
    text: `UPDATE trades SET state = CASE WHEN state = ANY ($3) THEN $2 ELSE state END
           WHERE id = $1 AND state NOT IN ('compensating', 'failed') RETURNING ${tradeColumns}`,
    values: [tradeId, state, order.slice(0, order.indexOf(state))],
  });
  return rows[0] ?? (await refuseLate(tx, tradeId));
}

export async function refuseLate(tx: Tx, tradeId: string): Promise<never> {
  const trade = await requireTrade(tx, tradeId);
  throw new LootError('cancelled', `The trade is ${trade.state}: the step came too late.`);
}

/** Throws `not_found`: a story without its row is a bug of ours. */
export async function requireTrade(tx: Tx, tradeId: string): Promise<Trade> {
  const trade = await readTrade(tx, tradeId);
  if (trade === null) throw new LootError('not_found', `There is no trade ${tradeId}.`);
  return trade;
}
