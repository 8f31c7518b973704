import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { hostEnvironment } from '../../stack/environment.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { recordExternalResult } from '../../store/rewards/record-external-result.ts';
import { workflowIds } from '../../workflows/messages.ts';
import { applyArena, newListing, newPlayer, newTrade, walletOfPlayer } from '../store/market/fixtures.ts';
import { testDatabase } from '../support/database.ts';
import { beginTrade, openTestTemporal, startGrant, testSettings } from '../workers/economy-world.ts';

const hourMs = 3_600_000;
const run = promisify(execFile);
const worlds = [
  await testDatabase(),
  await testDatabase(),
  await testDatabase(),
  await testDatabase(),
] as const;
beforeAll(() => applyArena(worlds[3].db));

function clockOff(shiftMs: number): string {
  const clock = new URL('../support/shifted-clock.ts', import.meta.url);
  clock.searchParams.set('ms', String(shiftMs));
  return clock.href;
}

/** What a process whose clock is off by so much has done in a database of its own. */
async function told(url: string, shiftMs: number): Promise<unknown> {
  const script = new URL('clock-story.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ['--import', clockOff(shiftMs), script, url]);
  const { believes, story } = JSON.parse(stdout) as { believes: number; story: unknown };
  // else its clock was right and the run proved nothing
  expect(Math.abs(believes - Date.now() - shiftMs)).toBeLessThan(hourMs / 2);
  return story;
}

test(
  'a process an hour fast or slow changes no outcome of money or matches',
  { timeout: 120_000, retry: 0 },
  async () => {
    const right = await told(worlds[0].url, 0);
    expect(right).toMatchObject({
      holds: { posted: ['ok', 'pending_expired'], sweptCount: 1, balance: '90', held: '10' },
      caps: ['ok', 'limit_exceeded'],
      market: { tooLate: 'listing_gone', sweptCount: 1, state: 'completed', buyerGold: '200' },
      matches: { isKept: true, tick: 'committed', redeemed: true, isMoved: true },
      rewards: { status: 'paid' },
      clawback: { leftMinutes: 30, state: 'approved' },
      idempotency: ['claimed', 'in_flight'],
    });
    expect(await told(worlds[1].url, hourMs)).toEqual(right);
    expect(await told(worlds[2].url, -hourMs)).toEqual(right);
  },
);

test.each([hourMs, -hourMs])(
  'a worker whose clock is off by %i ms completes a trade and pays a match like any other',
  { timeout: 120_000 },
  async (shiftMs) => {
    const settings = testSettings(worlds[3].url);
    const temporal = openTestTemporal(settings);
    const worker = spawn(process.execPath, ['--import', clockOff(shiftMs), 'workers/workflows.ts'], {
      env: { ...hostEnvironment(), ...settings },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(worker, 'exit');
    try {
      const { db } = worlds[3];
      const offer = await newListing(db, 800n, hourMs / 2);
      const { trade, tradeId, buyerId } = await newTrade(db, offer);
      const winner = await newPlayer(db);
      const { matchId } = await recordExternalResult(db, {
        clientId: 'studio',
        reference: randomUUID(),
        externalMatchId: randomUUID(),
        mode: 'duel',
        players: [{ playerId: winner, outcome: 'winner' }],
      });
      // the caller may give up before the worker has started; the story does not
      await beginTrade(temporal, trade, hourMs / 2).catch(() => {});
      const paid = await (await startGrant(temporal, matchId)).result();
      const traded = await temporal.client.workflow.getHandle(workflowIds.trade(tradeId)).result();
      expect([traded, paid.status]).toEqual([{ status: 'completed' }, 'paid']);
      expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 200n, held: 0n });
      expect(await walletOfPlayer(db, offer.sellerId)).toEqual({ balance: 760n, held: 0n });
      expect(await walletOfPlayer(db, winner)).toEqual({ balance: 500n, held: 0n });
      expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
    } finally {
      worker.kill('SIGKILL');
      await ended;
      await temporal.close();
    }
  },
);
