import { LootError } from '../../../domain/errors.ts';
import { cancelListing } from '../../../store/listings/cancel-listing.ts';
import { placeListing } from '../../../store/listings/place-listing.ts';
import { listListings, readListing } from '../../../store/listings/reads.ts';
import type { Listing as StoredListing } from '../../../store/listings/reads.ts';
import { player, playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { etagOf, readIfMatch } from '../../etag.ts';
import { listingPath } from '../../links.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Listing, ListingParams, ListingQuery, Listings, NewListing } from './schema.ts';

const view = (listing: StoredListing) => ({
  listingId: listing.listingId,
  sellerId: listing.sellerId,
  itemId: listing.itemId,
  kind: listing.kind,
  asset: listing.asset,
  price: String(listing.price),
  status: listing.status,
  version: listing.version,
  expiresAt: listing.expiresAt.toISOString(),
  createdAt: listing.createdAt.toISOString(),
});

const place = defineRoute(
  {
    method: 'post',
    path: '/v1/market/listings',
    operationId: 'placeListing',
    tag: 'market',
    summary: 'Offer an item; it is locked until it is sold, taken back or the offer expires',
    auth: player,
    mutation: 'keyed',
    limit: 'write',
    body: NewListing,
    answers: { 201: { description: 'Offered', schema: Listing } },
    errors: ['item_not_owned', 'item_locked', 'frozen', 'exists_with_different_body'],
  },
  async ({ deps, principal, body, derivedId, cause, eventContext }) => {
    const wanted = {
      listingId: derivedId(),
      sellerId: principal.playerId,
      itemId: body.itemId,
      price: BigInt(body.price),
      ttlMs: deps.config.LISTING_TTL_MS,
    };
    const { listing } = await placeListing(deps.db, wanted, cause, eventContext);
    return {
      status: 201,
      body: view(listing),
      headers: { location: listingPath(listing.listingId), etag: etagOf(listing.version) },
    };
  },
);

const list = defineRoute(
  {
    method: 'get',
    path: '/v1/market/listings',
    operationId: 'listListings',
    tag: 'market',
    summary: 'What can be bought',
    auth: playerOrClient('market:read'),
    mutation: false,
    limit: 'read',
    query: ListingQuery,
    answers: { 200: { description: 'A page', schema: Listings } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query: { cursor, limit: wanted, ...filters } }) => {
    const name = listName('listings', filters);
    const { after, limit } = await readPage(deps, name, { cursor, limit: wanted });
    const rows = await listListings(
      deps.db,
      {
        ...(filters.kind !== undefined && { kind: filters.kind }),
        ...(filters.minPrice !== undefined && { minPrice: BigInt(filters.minPrice) }),
        ...(filters.maxPrice !== undefined && { maxPrice: BigInt(filters.maxPrice) }),
        ...(filters.seller !== undefined && { sellerId: filters.seller }),
      },
      {
        sort: filters.sort,
        limit,
        ...(after?.[0] !== undefined && { after: { listingId: after[0] } }),
      },
    );
    const body = await pageOfRows(deps, name, rows, limit, view, (row) => [row.listingId]);
    return { status: 200, body };
  },
);

const read = defineRoute(
  {
    method: 'get',
    path: '/v1/market/listings/{listingId}',
    operationId: 'readListing',
    tag: 'market',
    summary: 'One offer; its ETag is what taking it back needs',
    auth: playerOrClient('market:read'),
    mutation: false,
    limit: 'read',
    params: ListingParams,
    answers: { 200: { description: 'The offer', schema: Listing } },
  },
  async ({ deps, params }) => {
    const listing = await readListing(deps.db, params.listingId);
    if (listing === null) throw new LootError('not_found', 'There is no such listing.');
    return { status: 200, body: view(listing), headers: { etag: etagOf(listing.version) } };
  },
);

const cancel = defineRoute(
  {
    method: 'delete',
    path: '/v1/market/listings/{listingId}',
    operationId: 'cancelListing',
    tag: 'market',
    summary: 'Take an offer back and unlock its item',
    auth: player,
    mutation: 'keyed',
    limit: 'write',
    params: ListingParams,
    answers: { 200: { description: 'Taken back', schema: Listing } },
    errors: ['precondition_required', 'precondition_failed', 'listing_in_trade', 'listing_gone'],
  },
  async ({ deps, http, principal, params, cause, eventContext }) => {
    const version = readIfMatch(http.req.header('if-match'));
    const wanted = { listingId: params.listingId, sellerId: principal.playerId, version };
    const { listing } = await cancelListing(deps.db, wanted, cause, eventContext);
    return { status: 200, body: view(listing), headers: { etag: etagOf(listing.version) } };
  },
);

export const listingRoutes = [place, list, read, cancel];
