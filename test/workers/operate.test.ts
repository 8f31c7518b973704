import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../events/consumer/handler.ts';
import { loadConfig } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { readAudit } from '../../store/auditor/reads.ts';
import { readHead } from '../../store/blocks/reads.ts';
import { readValve } from '../../store/valves/reads.ts';
import { closeValve, openValve } from '../../store/valves/set-valve.ts';
import { recordExternalResult } from '../../store/rewards/record-external-result.ts';
import { readTrade } from '../../store/trades/reads.ts';
import { ensureAuditSchedule } from '../../workers/audit-schedule.ts';
import { setLedgerGauges } from '../../workers/ledger-gauges.ts';
import { setOutboxGauges } from '../../workers/outbox-gauges.ts';
import { startWorkflowWorkers } from '../../workers/workflows.ts';
import { auditStart, taskQueues } from '../../workflows/messages.ts';
import type { AuditInput, AuditResult } from '../../workflows/messages.ts';
import {
  applyArena,
  itemOf,
  newListing,
  newPlayer,
  newTrade,
  walletOfPlayer,
} from '../store/market/fixtures.ts';
import { testDatabase } from '../support/database.ts';
import { eventually } from '../support/lootledger.ts';
import { openOwner } from '../support/owner.ts';
import { beginTrade, openTestTemporal, startGrant, testSettings } from './economy-world.ts';

const { db, url } = await testDatabase();
const owner = await openOwner(url);
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
  await ensureAuditSchedule(temporal, config);
  await running.stop();
  await temporal.close();
});

async function set(state: 'open' | 'closed', scope: string, id: string): Promise<void> {
  const { version } = (await readValve(db, scope, id))!;
  const change = { scope, id, reason: `${state} by a test`, actor: 'client:ops' };
  await db.transaction((tx) => (state === 'open' ? openValve : closeValve)(tx, change, version));
}

describe('behind a closed valve', () => {
  test('a trade fails with the reason, gives everything back, and goes through when it is open again', async () => {
    const offer = await newListing(db);
    const first = await newTrade(db, offer);
    await set('closed', 'channel', 'market');
    expect(await beginTrade(temporal, first.trade)).toMatchObject({ status: 'failed', code: 'frozen' });
    expect(await readTrade(db, first.tradeId)).toMatchObject({ state: 'failed', failureCode: 'frozen' });
    expect(await walletOfPlayer(db, first.buyerId)).toEqual({ balance: 1_000n, held: 0n });
    expect((await itemOf(db, offer.itemId)).lock).toBe(`listing:${offer.listing.listingId}`);
    await set('open', 'channel', 'market');
    const second = await newTrade(db, offer);
    expect(await beginTrade(temporal, second.trade)).toEqual({ status: 'completed' });
  });

  test('a kind that is stopped in the middle of a trade compensates: the hold is given back', async () => {
    const offer = await newListing(db);
    const { trade, buyerId } = await newTrade(db, offer);
    await set('closed', 'kind', trade.kind);
    expect(await beginTrade(temporal, trade)).toMatchObject({ status: 'failed', code: 'frozen' });
    expect(await walletOfPlayer(db, buyerId)).toEqual({ balance: 1_000n, held: 0n });
    await set('open', 'kind', trade.kind);
  });

  test('a reward waits, and is paid once when it is open again', async () => {
    const playerId = await newPlayer(db);
    const reference = randomUUID();
    const { matchId } = await recordExternalResult(db, {
      clientId: 'studio',
      reference,
      externalMatchId: reference,
      mode: 'standard',
      players: [{ playerId, outcome: 'winner', placement: 1, score: 1, resources: 10n }],
    });
    await set('closed', 'source', 'match.reward');
    const handle = await startGrant(temporal, matchId, [playerId]);
    await eventually('the reward waits', async () =>
      (
        await temporal.client.workflow
          .getHandle(handle.workflowId)
          .query<{ currentDetails?: string }>('__temporal_workflow_metadata')
      ).currentDetails?.includes('source:match.reward')
        ? true
        : undefined,
    );
    expect(await walletOfPlayer(db, playerId)).toEqual({ balance: 0n, held: 0n });
    await set('open', 'source', 'match.reward');
    await startGrant(temporal, matchId, [playerId]);
    expect((await handle.result()).status).toBe('paid');
    expect((await walletOfPlayer(db, playerId)).balance).toBeGreaterThan(0n);
  });
});

describe('the auditor on real Temporal and PostgreSQL', () => {
  const audit = async (input: AuditInput) => {
    const auditId = randomUUID();
    const handle = await temporal.client.workflow.start<(input: AuditInput) => Promise<AuditResult>>(
      'audit',
      {
        ...auditStart(auditId, input),
        taskQueue: temporal.taskQueue(taskQueues.economy),
      },
    );
    return { auditId, result: await handle.result() };
  };

  test('looks at everything when asked, and what it found is a row, a metric and an end in time', async () => {
    const player = await newPlayer(db, 10n);
    expect((await audit({ mode: 'full', actor: 'client:ops' })).result.violationCount).toBe(0);
    const spoil = (by: number) =>
      owner.query(
        `UPDATE accounts SET debits_posted = debits_posted + $2, credits_posted = credits_posted + $2
         WHERE holder = 'player:' || $1::text AND purpose = 'wallet'`,
        [player, by],
      );
    await spoil(3);
    const { auditId, result } = await audit({ mode: 'full', actor: 'client:ops' });
    expect(result.violationCount).toBe(1);
    const row = await readAudit(db, auditId);
    expect(row?.results?.filter(({ violationCount }) => violationCount > 0)).toMatchObject([
      { rule: 'wallet_counters', violationCount: 1, openedCount: 1 },
    ]);
    await setLedgerGauges(db, metrics);
    const exported = await metrics.registry.metrics();
    expect(exported).toContain('ledger_findings{rule="wallet_counters"} 1');
    expect(exported).toContain('ledger_findings{rule="locks_owned"} 0');
    expect(exported).toMatch(/ledger_finding_detection_seconds_count\{rule="wallet_counters"\} 1/);
    expect(exported).toMatch(/ledger_last_audit_timestamp_seconds [1-9]/);
    await spoil(-3);
    await audit({ mode: 'full', actor: 'client:ops' });
    await setLedgerGauges(db, metrics);
    expect(await metrics.registry.metrics()).toContain('ledger_findings{rule="wallet_counters"} 0');
  });

  test('what waits for Kafka is measured also where no relay runs', async () => {
    await db.query(`UPDATE outbox SET created_at = clock_timestamp() - interval '40 s'`);
    await setOutboxGauges(db, metrics);
    const exported = await metrics.registry.metrics();
    expect(exported).toMatch(/outbox_rows [1-9]/);
    expect(exported).toMatch(/outbox_oldest_seconds [4-9][0-9]/);
  });

  test('is started by a schedule that is there once, follows its interval and goes away with it', async () => {
    const scheduled = { ...config, AUDIT_INTERVAL_MS: 5_000 };
    await Promise.all([ensureAuditSchedule(temporal, scheduled), ensureAuditSchedule(temporal, scheduled)]);
    await ensureAuditSchedule(temporal, { ...config, AUDIT_INTERVAL_MS: 6_000 });
    const handle = temporal.client.schedule.getHandle(`${config.TEMPORAL_TASK_QUEUE_PREFIX}ledger-audit`);
    const { spec, policies } = await handle.describe();
    expect(spec.intervals?.map(({ every }) => every)).toEqual([6_000]);
    expect(policies.overlap).toBe('SKIP');
    await eventually('a scheduled audit has ended', async () => {
      const { rows } = await db.query(
        `SELECT FROM audits WHERE actor = 'system:schedule' AND ended_at IS NOT NULL`,
      );
      return rows.length > 0 ? true : undefined;
    });
    await ensureAuditSchedule(temporal, config);
    await ensureAuditSchedule(temporal, config);
    await expect(handle.describe()).rejects.toThrow(/not found|no schedule|no rows|workflow execution/i);
  });

  test('and the sweep seals what was posted', async () => {
    await newPlayer(db, 1n);
    const { rows } = await db.query<{ id: bigint }>('SELECT max(id) AS id FROM journals');
    await eventually('the journal is in a block', async () => {
      const head = await readHead(db);
      return head !== null && BigInt(head.lastJournalId) >= rows[0]!.id ? head : undefined;
    });
  });
});
