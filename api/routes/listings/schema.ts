import { z } from '@hono/zod-openapi';
import { Code, Cursor, Id, Limit, PositiveAmount, Time, pageOf } from '../../schemas.ts';

export const ListingParams = z.strictObject({ listingId: Id });
export const NewListing = z.strictObject({ itemId: Id, price: PositiveAmount }).openapi('NewListing');
export const Listing = z
  .strictObject({
    listingId: Id,
    sellerId: Id,
    itemId: Id,
    kind: Code,
    asset: Code,
    price: PositiveAmount,
    status: z.enum(['open', 'in_trade', 'sold', 'cancelled', 'expired']),
    version: z.number().int(),
    expiresAt: Time,
    createdAt: Time,
  })
  .openapi('Listing');
export const Listings = pageOf(Listing).openapi('Listings');
export const ListingQuery = z.strictObject({
  kind: Code.optional(),
  minPrice: PositiveAmount.optional(),
  maxPrice: PositiveAmount.optional(),
  seller: Id.optional(),
  sort: z.enum(['newest', 'price']).default('newest'),
  limit: Limit,
  cursor: Cursor,
});
