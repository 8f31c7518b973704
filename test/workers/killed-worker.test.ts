import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../platform/config.ts';
import type { CrashPoint } from '../../platform/crash-points.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import type { Temporal } from '../../platform/temporal.ts';
import { hostEnvironment } from '../../stack/environment.ts';
import { approveClawback } from '../../store/clawbacks/decide-clawback.ts';
import { currentEconomy } from '../../store/economy/reads.ts';
import { findImport } from '../../store/imports/reads.ts';
import { stageImport } from '../../store/imports/stage-import.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { recordExternalResult } from '../../store/rewards/record-external-result.ts';
import { startWorkflowWorkers } from '../../workers/workflows.ts';
import { clawbackStart, importStart, taskQueues, workflowIds } from '../../workflows/messages.ts';
import type { ClawbackInput, ClawbackStoryResult } from '../../workflows/messages.ts';
import { badTable, examined } from '../store/clawbacks/fixtures.ts';
import {
  applyArena,
  eventsOf,
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
const children = new Set<ReturnType<typeof spawn>>();
beforeAll(() => applyArena(db));
afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

/**
 * A worker process that kills itself at `point` while it runs the story that `work` begins; then a healthy worker. Answers
 * what `work` answers, which may only come from the second.
 */
async function killedAt<T>(point: CrashPoint, work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const settings = testSettings(url);
  const temporal = openTestTemporal(settings);
  const child = spawn(process.execPath, ['workers/workflows.ts'], {
    env: { ...hostEnvironment(), ...settings, CRASH_POINT: point },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.add(child);
  const died = once(child, 'exit') as Promise<[number | null, string | null]>;
  const answer = work(temporal);
  expect(await died).toEqual([null, 'SIGKILL']);
  children.delete(child);

  const config = loadConfig(settings);
  const running = await startWorkflowWorkers({
    config,
    db,
    metrics: createMetrics(),
    log: createLog('test', 'silent'),
    crash: () => {},
  });
  try {
    return await answer;
  } finally {
    await running.stop();
    await temporal.close();
  }
}

test.each(['after-hold-before-lock', 'after-lock-before-settle', 'after-settle-before-complete'] as const)(
  'a worker killed %s: the trade completes all the same, and nothing happens twice',
  async (point) => {
    const before = await marketAccounts(db);
    const offer = await newListing(db);
    const { trade, tradeId, buyerId } = await newTrade(db, offer);
    const result = await killedAt(point, async (temporal) => {
      // the caller may lose its answer with the worker; the story is what counts
      await beginTrade(temporal, trade).catch(() => {});
      return temporal.client.workflow.getHandle(workflowIds.trade(tradeId)).result();
    });
    expect(result).toEqual({ status: 'completed' });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 200n, held: 0n });
    expect(await walletOfPlayer(db, offer.sellerId)).toEqual({ balance: 760n, held: 0n });
    expect(await itemOf(db, offer.itemId)).toEqual({ owner: `player:${buyerId}`, lock: null });
    expect(await eventsOf(db, tradeId)).toEqual(['market.trade.started.v1', 'market.trade.completed.v1']);
    const after = await marketAccounts(db);
    expect([after.clearing - before.clearing, after.fee - before.fee]).toEqual([0n, 40n]);
  },
);

test('a worker killed after the grant: the story completes, and every player is paid once', async () => {
  const players = [await newPlayer(db), await newPlayer(db)];
  const { matchId } = await recordExternalResult(db, {
    clientId: 'studio',
    reference: randomUUID(),
    externalMatchId: randomUUID(),
    mode: 'duel',
    players: players.map((playerId) => ({ playerId, outcome: 'winner' })),
  });
  const result = await killedAt('after-grant-before-complete', async (temporal) =>
    (await startGrant(temporal, matchId)).result(),
  );
  expect(result.status).toBe('paid');
  expect(result.lines.map((line) => line.result)).toEqual(['exists', 'exists']);
  for (const playerId of players) {
    expect((await walletOfPlayer(db, playerId)).balance).toBe(500n);
    expect(await eventsOf(db, playerId)).toEqual(['economy.grant.granted.v1']);
  }
});

test(
  'a worker killed after a chunk of a clawback: each grant is taken back once, and it adds up',
  { timeout: 90_000 },
  async () => {
    const granted = await badTable(db, { count: 120, table: 'killed_chest' });
    const { clawbackId, reportHash } = await examined(db, { table: 'killed_chest' });
    await approveClawback(db, { clawbackId, actor: 'client:ops', reportHash: reportHash ?? '' });
    const result = await killedAt('after-clawback-chunk-before-progress', async (temporal) => {
      const handle = await temporal.client.workflow.start<
        (input: ClawbackInput) => Promise<ClawbackStoryResult>
      >('clawback', {
        ...clawbackStart(clawbackId),
        taskQueue: temporal.taskQueue(taskQueues.economy),
        workflowTaskTimeout: 1_000,
      });
      return handle.result();
    });
    expect(result).toEqual({ status: 'completed', reversedCount: 120 });
    for (const { playerId } of granted) {
      expect(await walletOfPlayer(db, playerId)).toEqual({ balance: 0n, held: 0n });
      expect(await eventsOf(db, playerId)).toEqual(['economy.grant.reversed.v1']);
    }
  },
);

test('a worker killed between two chunks of an import: every line is posted, and none twice', async () => {
  const wanted = { importId: randomUUID(), batch: 'killed', clientId: 'studio', actor: 'test' };
  const { economy } = await currentEconomy(db);
  async function* lines() {
    for (let number = 1; number <= 250; number += 1) {
      const player = { issuer: 'import', subject: `killed-${number % 150}` };
      yield { number, text: JSON.stringify({ player, assets: { gold: '2' } }) };
    }
  }
  await stageImport(db, wanted, { economy, lines: lines(), context: {} });
  const result = await killedAt('after-import-chunk-before-progress', async (temporal) => {
    const handle = await temporal.client.workflow.start('importWallets', {
      ...importStart(wanted),
      taskQueue: temporal.taskQueue(taskQueues.economy),
      workflowTaskTimeout: 1_000,
    });
    return handle.result();
  });
  expect(result).toEqual({ postedCount: 250, refusedCount: 0 });
  expect(await findImport(db, wanted.importId)).toMatchObject({ status: 'completed', postedCount: 250 });
  const { rows } = await db.query(
    "SELECT sum(amount)::text AS gold, count(DISTINCT journal_id)::int AS lines FROM transfers WHERE code = 'opening'",
  );
  expect(rows).toEqual([{ gold: '500', lines: 250 }]);
});

test('after all of it the books are whole', async () => {
  const broken = (await checkInvariants(db)).filter(({ ok }) => !ok);
  expect(broken).toEqual([]);
});
