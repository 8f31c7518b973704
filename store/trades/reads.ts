import type { ErrorCode } from '../../domain/errors.ts';
import type { TradeState, TradeTerms } from '../../domain/market/types.ts';
import type { Queryable } from '../db.ts';

export type Trade = TradeTerms & {
  state: TradeState;
  failureCode: ErrorCode | null;
  endedAt: Date | null;
  createdAt: Date;
};

/** Amounts as text: terms travel through Temporal and into events. */
export const tradeColumns = `id AS "tradeId", listing_id AS "listingId", buyer_id AS "buyerId", seller_id AS "sellerId",
  item_id AS "itemId", kind, asset, price::text AS price, fee::text AS fee, review_required AS "reviewRequired", state,
  failure_code AS "failureCode", ended_at AS "endedAt", created_at AS "createdAt"`;

export async function readTrade(on: Queryable, tradeId: string): Promise<Trade | null> {
  const { rows } = await on.query<Trade>({
    name: 'read_trade',
    text: `SELECT ${tradeColumns} FROM trades WHERE id = $1`,
    values: [tradeId],
  });
  return rows[0] ?? null;
}

/** What a player bought or sold, newest first; `after` is the last trade of the page before. */
export async function readTradesOf(
  on: Queryable,
  playerId: string,
  page: { limit: number; after?: Pick<Trade, 'tradeId'> },
): Promise<Trade[]> {
  const { rows } = await on.query<Trade>(
    `SELECT * FROM (
       (SELECT ${tradeColumns} FROM trades WHERE buyer_id = $1 AND ($2::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM trades WHERE id = $2))
        ORDER BY trades.created_at DESC, id DESC LIMIT $3)
       UNION ALL
       (SELECT ${tradeColumns} FROM trades WHERE seller_id = $1 AND ($2::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM trades WHERE id = $2))
        ORDER BY trades.created_at DESC, id DESC LIMIT $3)
     ) mine ORDER BY "createdAt" DESC, "tradeId" DESC LIMIT $3`,
    [playerId, page.after?.tradeId ?? null, page.limit],
  );
  return rows;
}

/** The terms alone, as activities answer them: what else a row holds may be a Date, which Temporal would turn to text. */
export const termsOf = (trade: TradeTerms): TradeTerms => ({
  tradeId: trade.tradeId,
  listingId: trade.listingId,
  buyerId: trade.buyerId,
  sellerId: trade.sellerId,
  itemId: trade.itemId,
  kind: trade.kind,
  asset: trade.asset,
  price: trade.price,
  fee: trade.fee,
  reviewRequired: trade.reviewRequired,
});
