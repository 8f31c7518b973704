import { LootError } from '../../domain/errors.ts';
import { feeOf } from '../../domain/market/fee.ts';
import type { Db } from '../db.ts';
import { currentEconomy } from '../economy/reads.ts';
import { readListing } from '../listings/reads.ts';
import { readStanding } from '../players/standing.ts';
import { readTrade, tradeColumns } from './reads.ts';
import type { Trade } from './reads.ts';

export type NewTrade = {
  /** Derived by the caller from the request, so that a retry meets the same trade and the same workflow. */
  tradeId: string;
  listingId: string;
  buyerId: string;
  expectedPrice: bigint;
  /** Trades above this price wait for a verdict. */
  reviewPrice: bigint;
};

/**
 * Writes down what is to be traded, under the fee of this moment; nothing is reserved yet. One guarded statement. Opened
 * before, it answers the same trade. Throws `not_found`, `listing_gone`, `listing_in_trade`, `self_trade`,
 * `price_changed`, `exists_with_different_body`.
 */
export async function openTrade(db: Db, wanted: NewTrade): Promise<{ trade: Trade; replayed: boolean }> {
  const { economy } = await currentEconomy(db);
  const fee = feeOf(wanted.expectedPrice, economy.market.feeBasisPoints);
  const { rows } = await db.query<Trade>({
    name: 'open_trade',
    text: `INSERT INTO trades (id, listing_id, buyer_id, seller_id, item_id, kind, asset, price, fee, review_required)
       SELECT $1, l.id, $3, l.seller_id, l.item_id, l.kind, l.asset, l.price, $5, l.price > $6 FROM listings l
       WHERE l.id = $2 AND l.status = 'open' AND l.expires_at > clock_timestamp() AND l.seller_id <> $3 AND l.price = $4
         AND NOT EXISTS (SELECT FROM players p WHERE p.id = l.seller_id AND p.frozen_at IS NOT NULL)
       ON CONFLICT (id) DO NOTHING RETURNING ${tradeColumns}`,
    values: [wanted.tradeId, wanted.listingId, wanted.buyerId, wanted.expectedPrice, fee, wanted.reviewPrice],
  });
  const trade = rows[0];
  if (trade !== undefined) return { trade, replayed: false };
  // the same request before or at the same moment, or a listing that cannot be bought
  const opened = await readTrade(db, wanted.tradeId);
  if (opened === null) throw await whyNot(db, wanted);
  return { trade: sameTrade(opened, wanted), replayed: true };
}

function sameTrade(trade: Trade, wanted: NewTrade): Trade {
  const same =
    trade.listingId === wanted.listingId &&
    trade.buyerId === wanted.buyerId &&
    trade.price === wanted.expectedPrice.toString();
  if (!same)
    throw new LootError('exists_with_different_body', 'A trade with other terms was opened under this key.');
  return trade;
}

async function whyNot(db: Db, { listingId, buyerId, expectedPrice }: NewTrade): Promise<LootError> {
  const listing = await readListing(db, listingId);
  if (listing === null) return new LootError('not_found', 'There is no such listing.');
  if (listing.sellerId === buyerId) return new LootError('self_trade', 'The listing is your own.');
  if (listing.status === 'in_trade')
    return new LootError('listing_in_trade', 'Somebody else is buying the item at this moment.');
  if (listing.status === 'open' && listing.price !== expectedPrice) {
    const extra = { price: listing.price.toString(), asset: listing.asset };
    return new LootError('price_changed', `The price is ${listing.price} ${listing.asset}.`, { extra });
  }
  const standing = await readStanding(db, listing.sellerId);
  if (standing === 'frozen' || standing === 'erased')
    return new LootError('listing_gone', 'The seller cannot sell for now.');
  return new LootError(
    'listing_gone',
    `The listing is ${listing.status === 'open' ? 'expired' : listing.status}.`,
  );
}
