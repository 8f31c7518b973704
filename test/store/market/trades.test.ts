import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { readJournal } from '../../../store/ledger/reads.ts';
import { readListing } from '../../../store/listings/reads.ts';
import { failTrade } from '../../../store/trades/fail-trade.ts';
import { holdPrice } from '../../../store/trades/hold-price.ts';
import { moveLock } from '../../../store/trades/move-lock.ts';
import { openTrade } from '../../../store/trades/open-trade.ts';
import { readTrade, readTradesOf } from '../../../store/trades/reads.ts';
import { settleTrade } from '../../../store/trades/settle-trade.ts';
import { startUndo } from '../../../store/trades/start-undo.ts';
import { undoHold } from '../../../store/trades/undo-hold.ts';
import { undoLock } from '../../../store/trades/undo-lock.ts';
import { testDatabase } from '../../support/database.ts';
import {
  applyArena,
  cause,
  eventsOf,
  expireNow,
  itemOf,
  marketAccounts,
  newListing,
  newPlayer,
  newTrade,
  rejectionOf,
  walletOfPlayer,
} from './fixtures.ts';
import type { Offer } from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

const hold = (tradeId: string) => holdPrice(db, { tradeId, holdTtlMs: 3_600_000 }, cause);
const lock = (tradeId: string) => moveLock(db, tradeId, cause);
const settle = (tradeId: string) => settleTrade(db, tradeId, cause);
const stop = (tradeId: string) => startUndo(db, { tradeId, code: 'item_locked' });

async function lockedTrade(offer: Offer) {
  const trade = await newTrade(db, offer);
  await hold(trade.tradeId);
  await lock(trade.tradeId);
  return trade;
}

describe('settling', () => {
  test('pays the seller price less fee, the market its fee, and gives the buyer the item', async () => {
    const before = await marketAccounts(db);
    const offer = await newListing(db, 800n);
    const { tradeId, buyerId } = await lockedTrade(offer);
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 800n });
    await settle(tradeId);
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 200n, held: 0n });
    expect(await walletOfPlayer(db, offer.sellerId)).toEqual({ balance: 760n, held: 0n });
    expect(await itemOf(db, offer.itemId)).toEqual({ owner: `player:${buyerId}`, lock: null });
    const after = await marketAccounts(db);
    expect(after.fee - before.fee).toBe(40n);
    expect(after.clearing).toBe(before.clearing);
    expect(await readListing(db, offer.listing.listingId)).toMatchObject({ status: 'sold', tradeId });
    expect(await eventsOf(db, tradeId)).toEqual(['market.trade.started.v1', 'market.trade.completed.v1']);
    expect((await eventsOf(db, offer.listing.listingId)).at(-1)).toBe('market.listing.sold.v1');
  });

  test('happens once, however often and however closely together it is asked for', async () => {
    const offer = await newListing(db);
    const { tradeId, buyerId } = await lockedTrade(offer);
    const settled = await Promise.all(Array.from({ length: 8 }, () => settle(tradeId)));
    expect(settled.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 200n, held: 0n });
    expect(await eventsOf(db, tradeId)).toHaveLength(2);
  });

  test('of steps that are repeated after it changes nothing', async () => {
    const offer = await newListing(db);
    const { tradeId, buyerId } = await lockedTrade(offer);
    await settle(tradeId);
    await hold(tradeId);
    await lock(tradeId);
    expect(await readTrade(db, tradeId)).toMatchObject({ state: 'completed' });
    expect(await stop(tradeId)).toEqual({ settled: true });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 200n, held: 0n });
  });

  test('is refused, with nothing moved, when the hold is gone', async () => {
    const offer = await newListing(db);
    const { tradeId, buyerId } = await lockedTrade(offer);
    await undoHold(db, tradeId, cause);
    expect(await rejectionOf(settle(tradeId))).toBe('pending_already_voided');
    expect(await readTrade(db, tradeId)).toMatchObject({ state: 'item_locking' });
    expect(await itemOf(db, offer.itemId)).toEqual({
      owner: `player:${offer.sellerId}`,
      lock: `trade:${tradeId}`,
    });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 0n });
  });
});

test('of two buyers one gets the item, the other keeps the money', async () => {
  const offer = await newListing(db);
  const trades = await Promise.all([newTrade(db, offer), newTrade(db, offer)]);
  await Promise.all(trades.map(({ tradeId }) => hold(tradeId)));
  const answers = await Promise.all(trades.map(({ tradeId }) => rejectionOf(lock(tradeId))));
  expect(answers.sort()).toEqual(['listing_in_trade', 'no rejection']);
  const winner = (await readListing(db, offer.listing.listingId))?.tradeId;
  const loser = trades.find(({ tradeId }) => tradeId !== winner)!;
  await stop(loser.tradeId);
  await undoLock(db, loser.tradeId, cause);
  await undoHold(db, loser.tradeId, cause);
  expect(await walletOfPlayer(db, loser.buyerId)).toEqual({ balance: 1_000n, held: 0n });
  expect((await itemOf(db, offer.itemId)).lock).toBe(`trade:${winner}`);
  await settle(winner!);
});

describe('undo', () => {
  test('gives money and item back, and the listing can be bought again', async () => {
    const offer = await newListing(db);
    const { tradeId, buyerId } = await lockedTrade(offer);
    await stop(tradeId);
    expect(await undoLock(db, tradeId, cause)).toBe('reversed');
    expect(await undoHold(db, tradeId, cause)).toBe('reversed');
    await failTrade(db, { tradeId, code: 'item_locked' });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 0n });
    expect((await itemOf(db, offer.itemId)).lock).toBe(`listing:${offer.listing.listingId}`);
    expect(await eventsOf(db, tradeId)).toEqual(['market.trade.started.v1', 'market.trade.failed.v1']);
    const again = await lockedTrade(offer);
    await settle(again.tradeId);
    expect((await itemOf(db, offer.itemId)).owner).toBe(`player:${again.buyerId}`);
  });

  test('repeated changes nothing', async () => {
    const offer = await newListing(db);
    const { tradeId } = await lockedTrade(offer);
    await stop(tradeId);
    await undoLock(db, tradeId, cause);
    const { tradeId: next } = await lockedTrade(offer);
    expect(await undoLock(db, tradeId, cause)).toBe('already_reversed');
    expect((await itemOf(db, offer.itemId)).lock).toBe(`trade:${next}`);
    await undoHold(db, tradeId, cause);
    expect(await undoHold(db, tradeId, cause)).toBe('already_reversed');
    await failTrade(db, { tradeId, code: 'item_locked' });
    expect(await failTrade(db, { tradeId, code: 'item_locked' })).toBeNull();
    expect(await eventsOf(db, tradeId)).toHaveLength(2);
  });

  test('of a listing that expired meanwhile gives the item to its seller', async () => {
    const offer = await newListing(db);
    const { tradeId } = await lockedTrade(offer);
    await expireNow(db, offer.listing.listingId);
    await stop(tradeId);
    await undoLock(db, tradeId, cause);
    expect(await itemOf(db, offer.itemId)).toEqual({ owner: `player:${offer.sellerId}`, lock: null });
    expect(await readListing(db, offer.listing.listingId)).toMatchObject({
      status: 'expired',
      tradeId: null,
    });
    expect((await eventsOf(db, offer.listing.listingId)).at(-1)).toBe('market.listing.expired.v1');
  });

  test('before its step leaves a tombstone, and the late step is cancelled', async () => {
    const offer = await newListing(db);
    const { tradeId, buyerId } = await newTrade(db, offer);
    await stop(tradeId);
    expect(await undoLock(db, tradeId, cause)).toBe('tombstoned');
    expect(await undoHold(db, tradeId, cause)).toBe('tombstoned');
    expect(await rejectionOf(hold(tradeId))).toBe('cancelled');
    expect(await rejectionOf(lock(tradeId))).toBe('cancelled');
    expect(await rejectionOf(settle(tradeId))).toBe('cancelled');
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 0n });
    expect(await readJournal(db, journalKeys.trade(tradeId, 'hold'))).toMatchObject({ kind: 'tombstone' });
  });

  test('holds without the trade row too: the ledger itself answers a late step with cancelled', async () => {
    const { tradeId } = await newTrade(db, await newListing(db));
    await undoHold(db, tradeId, cause);
    expect(await rejectionOf(hold(tradeId))).toBe('cancelled');
  });

  test('running beside its late step ends with nothing held, whoever is first', async () => {
    for (let round = 0; round < 6; round++) {
      const { tradeId, buyerId } = await newTrade(db, await newListing(db));
      const late = rejectionOf(hold(tradeId));
      await stop(tradeId);
      await undoHold(db, tradeId, cause);
      expect(['cancelled', 'no rejection']).toContain(await late);
      expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 0n });
    }
  });
});

test('without the money nothing is held and the trade has not moved', async () => {
  const { tradeId, buyerId } = await newTrade(db, await newListing(db), 799n);
  expect(await rejectionOf(hold(tradeId))).toBe('insufficient_funds');
  expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 799n, held: 0n });
  expect(await readTrade(db, tradeId)).toMatchObject({ state: 'initiated' });
});

test('an item that went into a match after all cannot be locked for a trade', async () => {
  const offer = await newListing(db);
  const { tradeId } = await newTrade(db, offer);
  await db.query('UPDATE items SET lock = $2 WHERE id = $1', [offer.itemId, 'match:m1']);
  expect(await rejectionOf(lock(tradeId))).toBe('item_locked');
  expect(await readListing(db, offer.listing.listingId)).toMatchObject({ status: 'open' });
});

test('a player sees purchases and sales, newest first, page by page', async () => {
  const playerId = await newPlayer(db, 10_000n);
  const opened: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { listing } = await newListing(db);
    const tradeId = randomUUID();
    await openTrade(db, {
      tradeId,
      listingId: listing.listingId,
      buyerId: playerId,
      expectedPrice: 800n,
      reviewPrice: 9_999n,
    });
    opened.unshift(tradeId);
  }
  const first = await readTradesOf(db, playerId, { limit: 2 });
  const rest = await readTradesOf(db, playerId, { limit: 2, after: first[1]! });
  expect([...first, ...rest].map(({ tradeId }) => tradeId)).toEqual(opened);
});
