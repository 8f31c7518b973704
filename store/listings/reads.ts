import type { ListingTerms } from '../../domain/market/listing-journals.ts';
import type { ListingStatus } from '../../domain/market/types.ts';
import type { Queryable } from '../db.ts';

/** `version` is the ETag. An open listing past `expiresAt` cannot be bought any more and waits for the sweep. */
export type Listing = ListingTerms & {
  status: ListingStatus;
  tradeId: string | null;
  version: number;
  expiresAt: Date;
  createdAt: Date;
};

export const listingColumns = `id AS "listingId", seller_id AS "sellerId", item_id AS "itemId", kind, asset, price, status,
  trade_id AS "tradeId", version, expires_at AS "expiresAt", created_at AS "createdAt"`;

export async function readListing(on: Queryable, listingId: string): Promise<Listing | null> {
  const { rows } = await on.query<Listing>({
    name: 'read_listing',
    text: `SELECT ${listingColumns} FROM listings WHERE id = $1`,
    values: [listingId],
  });
  return rows[0] ?? null;
}

export type ListingFilter = {
  kind?: string;
  minPrice?: bigint;
  maxPrice?: bigint;
  sellerId?: string;
  /** Default `open`, and then only what can still be bought. */
  status?: ListingStatus;
};

/** Newest first, or cheapest first; `after` is the last listing of the page before. */
export type ListingPage = {
  sort: 'newest' | 'price';
  limit: number;
  after?: Pick<Listing, 'listingId'>;
};

export async function listListings(
  on: Queryable,
  filter: ListingFilter,
  page: ListingPage,
): Promise<Listing[]> {
  const { order, position } = orders[page.sort];
  const { rows } = await on.query<Listing>(
    `SELECT ${listingColumns} FROM listings
     WHERE status = $1 AND (status <> 'open' OR expires_at > clock_timestamp())
       AND ($2::text IS NULL OR kind = $2) AND ($3::bigint IS NULL OR price >= $3) AND ($4::bigint IS NULL OR price <= $4)
       AND ($5::uuid IS NULL OR seller_id = $5) AND ($6::uuid IS NULL OR ${position})
     ORDER BY ${order} LIMIT $7`,
    [
      filter.status ?? 'open',
      filter.kind ?? null,
      filter.minPrice ?? null,
      filter.maxPrice ?? null,
      filter.sellerId ?? null,
      page.after?.listingId ?? null,
      page.limit,
    ],
  );
  return rows;
}

/** The position is read again from its row: a `Date` has no microseconds, and would skip the neighbours it lost. */
const orders = {
  newest: {
    order: 'created_at DESC, id DESC',
    position: '(created_at, id) < (SELECT created_at, id FROM listings WHERE id = $6)',
  },
  price: {
    order: 'price, id',
    position: '(price, id) > (SELECT price, id FROM listings WHERE id = $6)',
  },
} as const;
