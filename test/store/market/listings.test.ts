import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { cancelListing } from '../../../store/listings/cancel-listing.ts';
import { expireListings } from '../../../store/listings/expire-listings.ts';
import { placeListing } from '../../../store/listings/place-listing.ts';
import { listListings, readListing } from '../../../store/listings/reads.ts';
import { openTrade } from '../../../store/trades/open-trade.ts';
import { testDatabase } from '../../support/database.ts';
import {
  applyArena,
  cause,
  eventsOf,
  expireNow,
  itemOf,
  newListing,
  newPlayer,
  newSword,
  newTrade,
  rejectionOf,
} from './fixtures.ts';
import { moveLock } from '../../../store/trades/move-lock.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

const place = (wanted: Partial<Parameters<typeof placeListing>[1]> & { sellerId: string; itemId: string }) =>
  placeListing(db, { listingId: randomUUID(), price: 800n, ttlMs: 60_000, ...wanted }, cause);

describe('placing', () => {
  test('locks the item, so that it can be neither listed again nor used', async () => {
    const { sellerId, itemId, listing } = await newListing(db);
    expect(await itemOf(db, itemId)).toEqual({
      owner: `player:${sellerId}`,
      lock: `listing:${listing.listingId}`,
    });
    expect(listing).toMatchObject({
      kind: 'rare_sword',
      asset: 'gold',
      price: 800n,
      status: 'open',
      version: 1,
    });
    expect(await eventsOf(db, listing.listingId)).toEqual(['market.listing.placed.v1']);
    expect(await rejectionOf(place({ sellerId, itemId }))).toBe('item_locked');
  });

  test('asked for twice, also at the same time, places one listing', async () => {
    const sellerId = await newPlayer(db);
    const wanted = { sellerId, itemId: await newSword(db, sellerId), listingId: randomUUID() };
    const placed = await Promise.all([place(wanted), place(wanted), place(wanted)]);
    expect(placed.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await eventsOf(db, wanted.listingId)).toHaveLength(1);
    expect(await rejectionOf(place({ ...wanted, price: 1n }))).toBe('exists_with_different_body');
  });

  test("another player's item, or none, leaves no listing behind", async () => {
    const { itemId } = await newListing(db);
    const listingId = randomUUID();
    expect(
      await rejectionOf(
        place({ sellerId: await newPlayer(db), itemId: await newSword(db, await newPlayer(db)), listingId }),
      ),
    ).toBe('item_not_owned');
    expect(await rejectionOf(place({ sellerId: await newPlayer(db), itemId: randomUUID(), listingId }))).toBe(
      'item_not_owned',
    );
    expect(await readListing(db, listingId)).toBeNull();
    expect(itemId).toBeDefined();
  });
});

describe('cancelling', () => {
  test('gives the item back, and answers the same when it is asked again', async () => {
    const { sellerId, itemId, listing } = await newListing(db);
    const wanted = { listingId: listing.listingId, sellerId, version: 1 };
    expect(await cancelListing(db, wanted, cause)).toMatchObject({
      replayed: false,
      listing: { status: 'cancelled', version: 2 },
    });
    expect(await cancelListing(db, wanted, cause)).toMatchObject({ replayed: true });
    expect((await itemOf(db, itemId)).lock).toBeNull();
    expect(await eventsOf(db, listing.listingId)).toEqual([
      'market.listing.placed.v1',
      'market.listing.cancelled.v1',
    ]);
  });

  test('is refused to others, with a stale version, and in mid-trade', async () => {
    const offer = await newListing(db);
    const wanted = { listingId: offer.listing.listingId, sellerId: offer.sellerId, version: 1 };
    expect(await rejectionOf(cancelListing(db, { ...wanted, sellerId: randomUUID() }, cause))).toBe(
      'not_found',
    );
    expect(await rejectionOf(cancelListing(db, { ...wanted, version: 7 }, cause))).toBe(
      'precondition_failed',
    );
    const { tradeId } = await newTrade(db, offer);
    await moveLock(db, tradeId, cause);
    expect(await rejectionOf(cancelListing(db, { ...wanted, version: 2 }, cause))).toBe('listing_in_trade');
  });
});

describe('expiry', () => {
  test('gives back what was not sold, once, also when two sweeps run side by side', async () => {
    const { itemId, listing } = await newListing(db);
    await expireNow(db, listing.listingId);
    const counts = await Promise.all([expireListings(db, 10, cause), expireListings(db, 10, cause)]);
    expect(counts[0] + counts[1]).toBe(1);
    expect((await itemOf(db, itemId)).lock).toBeNull();
    expect(await eventsOf(db, listing.listingId)).toEqual([
      'market.listing.placed.v1',
      'market.listing.expired.v1',
    ]);
  });

  test('leaves a listing in mid-trade to its trade', async () => {
    const offer = await newListing(db);
    const { tradeId } = await newTrade(db, offer);
    await moveLock(db, tradeId, cause);
    await expireNow(db, offer.listing.listingId);
    expect(await expireListings(db, 10, cause)).toBe(0);
    expect((await itemOf(db, offer.itemId)).lock).toBe(`trade:${tradeId}`);
  });
});

describe('buying', () => {
  const open = (offer: { listing: { listingId: string } }, wanted: object = {}) =>
    newPlayer(db).then((buyerId) =>
      openTrade(db, {
        tradeId: randomUUID(),
        listingId: offer.listing.listingId,
        buyerId,
        expectedPrice: 800n,
        reviewPrice: 1_000n,
        ...wanted,
      }),
    );

  test('fixes the terms: fee of the market, rounded down, and whether a verdict is needed', async () => {
    const offer = await newListing(db, 1_019n);
    const { trade } = await open(offer, { expectedPrice: 1_019n });
    expect(trade).toMatchObject({
      price: '1019',
      fee: '50',
      reviewRequired: true,
      state: 'initiated',
      sellerId: offer.sellerId,
    });
  });

  test('is refused with the reason', async () => {
    const offer = await newListing(db);
    expect(await rejectionOf(open(offer, { buyerId: offer.sellerId }))).toBe('self_trade');
    expect(await rejectionOf(open(offer, { expectedPrice: 799n }))).toBe('price_changed');
    expect(await rejectionOf(open({ listing: { listingId: randomUUID() } }))).toBe('not_found');
    const { tradeId } = await newTrade(db, offer);
    await moveLock(db, tradeId, cause);
    expect(await rejectionOf(open(offer))).toBe('listing_in_trade');
    const expired = await newListing(db);
    await expireNow(db, expired.listing.listingId);
    expect(await rejectionOf(open(expired))).toBe('listing_gone');
  });

  test('asked for twice meets the same trade; other terms under its id are refused', async () => {
    const offer = await newListing(db);
    const wanted = { tradeId: randomUUID(), buyerId: await newPlayer(db) };
    const [first, second] = await Promise.all([open(offer, wanted), open(offer, wanted)]);
    expect(first.replayed).not.toBe(second.replayed);
    expect(await rejectionOf(open(offer, { ...wanted, buyerId: await newPlayer(db) }))).toBe(
      'exists_with_different_body',
    );
  });
});

test('the market is listed by filter, newest or cheapest first, page by page', async () => {
  const kind = 'iron_sword';
  const sellerId = await newPlayer(db);
  const prices = [500n, 300n, 400n, 300n];
  for (const price of prices) await place({ sellerId, itemId: await newSword(db, sellerId, kind), price });
  const cheapest = [];
  for (let after; ;) {
    const page = await listListings(db, { kind }, { sort: 'price', limit: 3, ...(after && { after }) });
    cheapest.push(...page);
    after = page.at(-1);
    if (page.length < 3) break;
  }
  expect(cheapest.map(({ price }) => price)).toEqual([300n, 300n, 400n, 500n]);
  const newest = await listListings(db, { kind, maxPrice: 450n }, { sort: 'newest', limit: 10 });
  expect(newest.map(({ price }) => price)).toEqual([300n, 400n, 300n]);
  expect(await listListings(db, { sellerId: randomUUID() }, { sort: 'newest', limit: 10 })).toEqual([]);
});
