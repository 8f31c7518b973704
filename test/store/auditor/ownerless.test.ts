import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { lockIsOwned } from '../../../store/auditor/story-rules.ts';
import { releaseLocks } from '../../../store/items/release-locks.ts';
import { releaseHolds } from '../../../store/ledger/release-holds.ts';
import { moveLock } from '../../../store/trades/move-lock.ts';
import { testDatabase } from '../../support/database.ts';
import { openOwner } from '../../support/owner.ts';
import { applyArena, cause, itemOf, newListing, newTrade, walletOfPlayer } from '../market/fixtures.ts';
import { begunTrade, brokenRules } from './world.ts';

const { db, url } = await testDatabase();
const owner = await openOwner(url);
beforeAll(() => applyArena(db));

const atOnce = { graceMs: 0 };

describe('ownerless locks', () => {
  test('are taken off by a journal when their story is over, and only then', async () => {
    const open = await newListing(db);
    const gone = await newListing(db);
    expect(await releaseLocks(db, atOnce)).toBe(0);
    await owner.query(`UPDATE listings SET status = 'cancelled' WHERE id = $1`, [gone.listing.listingId]);
    expect(await releaseLocks(db, { graceMs: 3_600_000 })).toBe(0);
    expect((await brokenRules(db)).map(({ rule }) => rule)).toEqual(['locks_owned']);
    expect([await releaseLocks(db, atOnce), await releaseLocks(db, atOnce)]).toEqual([1, 0]);
    expect((await itemOf(db, gone.itemId)).lock).toBeNull();
    expect((await itemOf(db, open.itemId)).lock).toBe(`listing:${open.listing.listingId}`);
    expect(await brokenRules(db)).toEqual([]);
  });

  test('of a trade under way are left alone, however old', async () => {
    const offer = await newListing(db);
    const { tradeId } = await newTrade(db, offer);
    const { rows } = await db.query<{ id: string }>('SELECT id FROM trades WHERE id = $1', [tradeId]);
    expect(rows).toHaveLength(1);
    const held = await begunTrade(db);
    await moveLock(db, held, cause);
    expect(await releaseLocks(db, atOnce)).toBe(0);
  });

  test('that no journal has put there are not guessed about', async () => {
    const offer = await newListing(db);
    await owner.query(`UPDATE items SET lock = 'match:nobody' WHERE id = $1`, [offer.itemId]);
    expect(await releaseLocks(db, atOnce)).toBe(0);
    await owner.query(`UPDATE items SET lock = $2 WHERE id = $1`, [
      offer.itemId,
      `listing:${offer.listing.listingId}`,
    ]);
  });

  test('are judged by one story each, found by its key', async () => {
    await owner.query('BEGIN');
    await owner.query('SET LOCAL enable_seqscan = off');
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT 1 FROM items i WHERE i.id = '${randomUUID()}' AND (${lockIsOwned})`,
    );
    await owner.query('ROLLBACK');
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    for (const table of ['listings', 'trades', 'matches'])
      expect(plan).toMatch(new RegExp(`using ${table}_pkey[^\n]*\n\\s+Index Cond: \\(id = CASE`));
  });

  test('are taken off as many as a call may, and the others by the next ones', async () => {
    const offers = [await newListing(db), await newListing(db), await newListing(db)];
    for (const { listing } of offers)
      await owner.query(`UPDATE listings SET status = 'expired' WHERE id = $1`, [listing.listingId]);
    let released = 0;
    for (let look = 0; look < 3; look++) released += await releaseLocks(db, { graceMs: 0, limit: 1 });
    expect(released).toBe(3);
  });
});

describe('ownerless holds', () => {
  test('are given back when their trade is over, once; those of an open one are not', async () => {
    const open = await newTrade(db, await newListing(db));
    const openHeld = await begunTrade(db);
    const over = await begunTrade(db);
    expect(await releaseHolds(db, atOnce)).toBe(0);
    await owner.query(
      `UPDATE trades SET state = 'failed', ended_at = now() - interval '1 minute' WHERE id = $1`,
      [over],
    );
    const buyerOf = async (tradeId: string) =>
      (await db.query<{ buyer_id: string }>('SELECT buyer_id FROM trades WHERE id = $1', [tradeId])).rows[0]!
        .buyer_id;
    expect(await walletOfPlayer(db, await buyerOf(over))).toMatchObject({ held: 800n });
    expect(await releaseHolds(db, { graceMs: 3_600_000 })).toBe(0);
    expect([await releaseHolds(db, atOnce), await releaseHolds(db, atOnce)]).toEqual([1, 0]);
    expect(await walletOfPlayer(db, await buyerOf(over))).toEqual({ balance: 1_000n, held: 0n });
    expect(await walletOfPlayer(db, await buyerOf(openHeld))).toEqual({ balance: 1_000n, held: 800n });
    expect(await walletOfPlayer(db, open.buyerId)).toEqual({ balance: 1_000n, held: 0n });
    expect(await brokenRules(db)).toEqual([]);
  });

  test('are found page by page, however long ago their trade ended', async () => {
    const over = [await begunTrade(db), await begunTrade(db), await begunTrade(db)];
    await owner.query(
      `UPDATE trades SET state = 'failed', ended_at = now() - interval '9 days' WHERE id = ANY ($1)`,
      [over],
    );
    const { rows } = await db.query<{ holds: number }>(
      `SELECT count(*)::int AS holds FROM transfers WHERE state = 'pending' AND expires_at > now()`,
    );
    const counts: number[] = [];
    for (let call = 0; call <= rows[0]!.holds; call++)
      counts.push(await releaseHolds(db, { graceMs: 0, pageCount: 1 }));
    expect(Math.max(...counts)).toBe(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(await brokenRules(db)).toEqual([]);
  });
});
