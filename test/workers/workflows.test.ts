import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../events/consumer/handler.ts';
import { loadConfig } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { readTrade } from '../../store/trades/reads.ts';
import { recordExternalResult } from '../../store/rewards/record-external-result.ts';
import { recordVerdict } from '../../store/verdicts/record-verdict.ts';
import { startWorkflowWorkers } from '../../workers/workflows.ts';
import { cancelTrade, searchKeys, verdictRecorded, workflowIds } from '../../workflows/messages.ts';
import {
  applyArena,
  itemOf,
  marketAccounts,
  newListing,
  newPlayer,
  newTrade,
  walletOfPlayer,
} from '../store/market/fixtures.ts';
import { testDatabase } from '../support/database.ts';
import { beginTrade, openTestTemporal, startGrant, testSettings } from './economy-world.ts';

const { db, url } = await testDatabase();
const settings = testSettings(url);
const config = loadConfig(settings);
const temporal = openTestTemporal(settings);
const metrics = createMetrics();
let running: Running;

beforeAll(async () => {
  await applyArena(db);
  running = await startWorkflowWorkers({
    config,
    db,
    metrics,
    log: createLog('test', 'silent'),
    crash: () => {},
  });
});
afterAll(async () => {
  await running.stop();
  await temporal.close();
});

describe('a trade on real Temporal and PostgreSQL', () => {
  test('completes within the request, and its page names buyer, seller and item', async () => {
    const offer = await newListing(db);
    const { trade, tradeId, buyerId } = await newTrade(db, offer);
    expect(await beginTrade(temporal, trade)).toEqual({ status: 'completed' });
    expect(await itemOf(db, offer.itemId)).toEqual({ owner: `player:${buyerId}`, lock: null });
    expect(await walletOfPlayer(db, offer.sellerId)).toEqual({ balance: 760n, held: 0n });
    const shown = await temporal.client.workflow.getHandle(workflowIds.trade(tradeId)).describe();
    expect(shown.typedSearchAttributes.get(searchKeys.playerId)).toEqual([buyerId, offer.sellerId]);
    expect(shown.typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
    expect(await metrics.registry.metrics()).toMatch(
      /saga_duration_seconds_count\{[^}]*outcome="completed"[^}]*\} 1/,
    );
  });

  test('without the money fails with the reason and nothing moved', async () => {
    const offer = await newListing(db);
    const { trade, tradeId, buyerId } = await newTrade(db, offer, 100n);
    expect(await beginTrade(temporal, trade)).toEqual({
      status: 'failed',
      code: 'insufficient_funds',
      detail: '700 gold are missing.',
    });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 100n, held: 0n });
    expect((await itemOf(db, offer.itemId)).lock).toBe(`listing:${offer.listing.listingId}`);
    expect(await readTrade(db, tradeId)).toMatchObject({
      state: 'failed',
      failureCode: 'insufficient_funds',
    });
  });

  test('refused in the middle compensates: the hold is given back', async () => {
    const offer = await newListing(db);
    const { trade, buyerId } = await newTrade(db, offer);
    await db.query("UPDATE items SET lock = 'match:m1' WHERE id = $1", [offer.itemId]);
    expect(await beginTrade(temporal, trade)).toMatchObject({ status: 'failed', code: 'item_locked' });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 0n });
    expect((await marketAccounts(db)).clearing).toBe(0n);
    await db.query('UPDATE items SET lock = $2 WHERE id = $1', [
      offer.itemId,
      `listing:${offer.listing.listingId}`,
    ]);
  });

  test('asked for again meets the same story and the same answer', async () => {
    const { trade, buyerId } = await newTrade(db, await newListing(db));
    const answers = await Promise.all([beginTrade(temporal, trade), beginTrade(temporal, trade)]);
    expect(answers).toEqual([{ status: 'completed' }, { status: 'completed' }]);
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 200n, held: 0n });
  });

  test('of two buyers completes one, and the other is told and keeps the money', async () => {
    const offer = await newListing(db);
    const trades = await Promise.all([newTrade(db, offer), newTrade(db, offer), newTrade(db, offer)]);
    const replies = await Promise.all(trades.map(({ trade }) => beginTrade(temporal, trade)));
    expect(replies.filter(({ status }) => status === 'completed')).toHaveLength(1);
    const wallets = await Promise.all(trades.map(({ buyerId }) => walletOfPlayer(db, buyerId)));
    expect(wallets.filter(({ balance }) => balance === 1_000n)).toHaveLength(2);
    expect(wallets.every(({ held }) => held === 0n)).toBe(true);
  });

  test('whose database stalls says so to its caller, completes when it answers again, and moves nothing twice', async () => {
    const offer = await newListing(db);
    const { trade, tradeId, buyerId } = await newTrade(db, offer);
    // somebody sits on the listing's row for longer than a short step may take
    const sitter = new pg.Client({ connectionString: url });
    await sitter.connect();
    await sitter.query('BEGIN');
    await sitter.query('SELECT FROM listings WHERE id = $1 FOR UPDATE', [offer.listing.listingId]);
    expect(await beginTrade(temporal, trade)).toEqual({ status: 'stalled' });
    await sitter.query('ROLLBACK');
    await sitter.end();
    const handle = temporal.client.workflow.getHandle(workflowIds.trade(tradeId));
    expect(await handle.result()).toEqual({ status: 'completed' });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 200n, held: 0n });
    expect(await itemOf(db, offer.itemId)).toEqual({ owner: `player:${buyerId}`, lock: null });
  });

  test('in review waits for the verdict row, which the nudge only announces', async () => {
    const offer = await newListing(db);
    const { trade, tradeId, buyerId } = await newTrade(db, offer, 1_000n, 100n);
    expect(await beginTrade(temporal, trade)).toEqual({ status: 'in_review' });
    expect(await readTrade(db, tradeId)).toMatchObject({ state: 'in_review' });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 800n });
    await db.transaction((tx) =>
      recordVerdict(tx, { subject: `trade:${tradeId}`, decision: 'cleared', reason: 'ok', source: 'test' }),
    );
    const handle = temporal.client.workflow.getHandle(workflowIds.trade(tradeId));
    await handle.signal(verdictRecorded);
    expect(await handle.result()).toEqual({ status: 'completed' });
    expect((await itemOf(db, offer.itemId)).owner).toBe(`player:${buyerId}`);
  });

  test('in review can be cancelled by the buyer', async () => {
    const offer = await newListing(db);
    const { trade, tradeId, buyerId } = await newTrade(db, offer, 1_000n, 100n);
    await beginTrade(temporal, trade);
    const handle = temporal.client.workflow.getHandle(workflowIds.trade(tradeId));
    expect(await handle.executeUpdate(cancelTrade)).toEqual({ cancelled: true });
    expect(await handle.result()).toMatchObject({ status: 'failed', code: 'trade_cancelled' });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 0n });
    expect((await itemOf(db, offer.itemId)).lock).toBe(`listing:${offer.listing.listingId}`);
  });
});

describe('a grant on real Temporal and PostgreSQL', () => {
  const result = async () => {
    const playerId = await newPlayer(db);
    const { matchId } = await recordExternalResult(db, {
      clientId: 'studio',
      reference: randomUUID(),
      externalMatchId: randomUUID(),
      mode: 'duel',
      players: [{ playerId, outcome: 'winner' }],
    });
    return { matchId, playerId };
  };

  test('is paid once, however often its event comes', async () => {
    const { matchId, playerId } = await result();
    const handles = await Promise.all([
      startGrant(temporal, matchId, [playerId]),
      startGrant(temporal, matchId, [playerId]),
    ]);
    const paid = await Promise.all(handles.map((handle) => handle.result()));
    expect(paid.map(({ status }) => status)).toEqual(['paid', 'paid']);
    expect((await walletOfPlayer(db, playerId)).balance).toBe(500n);
    await expect(startGrant(temporal, matchId)).rejects.toThrow(/already/i);
  });

  test('rejected before the story began is withheld', async () => {
    const { matchId, playerId } = await result();
    await db.transaction((tx) =>
      recordVerdict(tx, { subject: `match:${matchId}`, decision: 'rejected', reason: 'no', source: 'test' }),
    );
    expect(await (await startGrant(temporal, matchId)).result()).toMatchObject({ status: 'withheld' });
    expect((await walletOfPlayer(db, playerId)).balance).toBe(0n);
  });
});

test('after all of it the books are whole', async () => {
  const broken = (await checkInvariants(db)).filter(({ ok }) => !ok);
  expect(broken).toEqual([]);
});
