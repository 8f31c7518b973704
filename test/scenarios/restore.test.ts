import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createPlayerClient } from '../../client/player-client.ts';
import { createServerClient } from '../../client/server-client.ts';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { loadConfig } from '../../platform/config.ts';
import { createCrashPoints } from '../../platform/crash-points.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { startTracing } from '../../platform/tracing.ts';
import { hostEnvironment } from '../../stack/environment.ts';
import { startStack } from '../../stack/launcher.ts';
import type { Stack } from '../../stack/types.ts';
import { openDb } from '../../store/db.ts';
import type { Db } from '../../store/db.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { listFindings } from '../../store/findings/reads.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { migrate } from '../../store/migrate.ts';
import { erasePlayer } from '../../store/players/erase-player.ts';
import { recordExternalResult } from '../../store/rewards/record-external-result.ts';
import { startAll } from '../../workers/all.ts';
import { eventually } from '../support/lootledger.ts';

/**
 * PostgreSQL goes back to a cold copy while Kafka and Temporal remember what came after it. Its own PostgreSQL, because it
 * takes it away; topics and queues of its own on the shared servers.
 */
const run = promisify(execFile);
/** Temporal is shared, and ids of workflows derive from the client's own ids. */
const prefix = `restore-${randomUUID().slice(0, 8)}`;
let folder: string;
let stack: Stack;
let settings: Record<string, string>;
let backup: string;
let dataDir: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lootledger-restore-'));
  stack = await startStack({
    dir: path.join(folder, 'stack'),
    ports: 'free',
    env: {},
    rung: 'native',
    services: ['postgres'],
  });
  const servers = inject('servers');
  settings = {
    DATABASE_URL: stack.databaseUrl,
    KAFKA_BROKERS: servers.kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: `${prefix}.`,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TEMPORAL_TASK_QUEUE_PREFIX: `${prefix}-`,
    API_PORT: '0',
    METRICS_PORT: '0',
    MATCH_HOST_PORT: '0',
    TRADE_REVIEW_PRICE: '1',
    LOG_LEVEL: 'silent',
  };
  await migrate(stack.databaseUrl);
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

let operatorKey = '';

/** Every role in one process, as after a deploy. */
async function start() {
  const config = loadConfig(settings);
  const tracing = startTracing({ service: 'restore-test', environment: 'test' });
  const db = openDb({ url: stack.databaseUrl, connectionCountMax: 20, applicationName: 'restore-test' });
  await ensureDeployment(db, config.LOOTLEDGER_ENVIRONMENT);
  const parts = {
    config,
    db,
    log: createLog('restore-test', 'silent'),
    metrics: createMetrics(),
    tracing,
    crash: createCrashPoints(undefined),
  };
  const all = await startAll(parts, { onOperatorKey: (secret) => (operatorKey = secret) });
  return {
    db,
    baseUrl: all.addresses.apiUrl,
    async stop() {
      await all.stop();
      await db.close();
      await tracing.shutdown();
    },
  };
}

const device = (): string => randomUUID().replaceAll('-', '');
const count = async (db: Db, sql: string, values: unknown[] = []): Promise<number> =>
  Number((await db.query<{ count: bigint }>(`SELECT count(*) FROM ${sql}`, values)).rows[0]?.count ?? 0n);
const until = (db: Db, what: string, sql: string, values: unknown[] = []) =>
  eventually(what, async () => ((await count(db, sql, values)) > 0 ? true : undefined), 60_000);
const untilTold = (db: Db) =>
  eventually('the outbox drains', async () => ((await count(db, 'outbox')) === 0 ? true : undefined), 60_000);

/** What a player has, items by kind. */
async function holdings(db: Db, playerIds: readonly string[]): Promise<unknown> {
  const { rows } = await db.query(
    `SELECT holder, asset AS what, (credits_posted - debits_posted)::text AS amount FROM accounts
     WHERE purpose = 'wallet' AND holder = ANY ($1)
     UNION ALL
     SELECT owner, kind, count(*)::text FROM items WHERE owner = ANY ($1) GROUP BY owner, kind
     ORDER BY holder, what, amount`,
    [playerIds.map((id) => `player:${id}`)],
  );
  return rows;
}

const ledgerEpoch = async (verb: string, since: string): Promise<{ code: number; text: string }> =>
  run(process.execPath, ['cli/ledger-epoch.ts', verb, '--since', since], {
    env: { ...hostEnvironment(), ...settings },
  }).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      text: error.stdout + error.stderr,
    }),
  );

/** The verdict on a trade, as a trusted service outside says it. */
async function clear(tradeId: string): Promise<void> {
  const broker = createBroker({
    brokers: inject('servers').kafkaBrokers,
    clientId: 'test',
    prefix: `${prefix}.`,
    log: createLog('restore-test', 'silent'),
  });
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: 'trust.verdict.cleared.v1',
    ce_source: '/clients/test-game',
    'content-type': 'application/json',
  };
  const data = { subject: `trade:${tradeId}`, reason: 'looked at' };
  await broker.send(
    [
      {
        topic: 'trust.verdict',
        key: Buffer.from(data.subject),
        value: Buffer.from(JSON.stringify(data)),
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]),
        ),
      },
    ],
    10_000,
  );
  await broker.close();
}

test(
  'after a restore nothing is paid twice, what was told is made good, and what is lost is named',
  { timeout: 240_000, retry: 0 },
  async () => {
    // ------------------------------------------------------------ before the backup
    let loot = await start();
    const operator = createServerClient({ baseUrl: loot.baseUrl, apiKey: operatorKey });
    const scopes = ['grants:write', 'results:write'] as const;
    const { body: key } = await operator.createApiKey({
      clientId: 'test-game',
      scopes: [...scopes],
      topics: { publish: ['trust.verdict'], read: [] },
    });
    const gameAt = (baseUrl: string) => createServerClient({ baseUrl, apiKey: key.secret });
    const devices = { seller: device(), buyer: device() };
    const enter = async (at: { baseUrl: string }, deviceId: string) => {
      const client = createPlayerClient(at);
      return { client, playerId: (await client.session.guest(deviceId)).playerId };
    };
    const { client: seller, playerId: sellerId } = await enter(loot, devices.seller);
    const { client: buyer, playerId: buyerId } = await enter(loot, devices.buyer);
    const playerIds = [sellerId, buyerId];
    const { playerId: forgottenId } = await enter(loot, device());
    const gold = (playerId: string, reference: string, amount: string) => ({
      reference,
      player: { id: playerId },
      lines: [{ asset: 'gold', amount }],
    });
    await gameAt(loot.baseUrl).grant(gold(buyerId, 'early', '1000'));
    await gameAt(loot.baseUrl).grant({
      ...gold(sellerId, 'sword', '1'),
      items: [{ kind: 'rare_sword' }, { kind: 'rare_sword' }],
    });
    const swords = (await seller.inventory()).items;
    const { body: listing } = await seller.placeListing({ itemId: swords[0]!.itemId, price: '500' });
    const { body: trade } = await buyer.buy({ listingId: listing.listingId, expectedPrice: '500' });
    expect(trade.state).toBe('in_review');
    await untilTold(loot.db);
    await loot.stop();
    // a result that nobody has handled yet
    const between = openDb({ url: stack.databaseUrl, connectionCountMax: 1 });
    const unpaid = await recordExternalResult(between, {
      clientId: 'test-game',
      reference: 'before',
      externalMatchId: `${prefix}-before`,
      mode: 'duel',
      players: [{ playerId: sellerId, outcome: 'winner' }],
    });
    await between.close();

    dataDir = await directoryOf();
    backup = path.join(folder, 'backup');
    const since = new Date(Date.now() - 60_000).toISOString();
    await stack.services.postgres.stop();
    await run('cp', ['-a', dataDir, backup]);
    await startPostgres();

    // ------------------------------------------------------------ what will be lost
    loot = await start();
    const late = gold(buyerId, 'late', '77');
    await gameAt(loot.baseUrl).grant(late);
    const report = {
      reference: 'after',
      externalMatchId: `${prefix}-after`,
      mode: 'duel',
      players: [{ player: { id: sellerId }, outcome: 'winner' as const, amounts: { resources: '12' } }],
    };
    const { body: reported } = await gameAt(loot.baseUrl).reportMatch(report);
    await clear(trade.tradeId);
    const isPaid = "matches WHERE id = $1 AND reward_status = 'paid'";
    const isTraded = "trades WHERE id = $1 AND state = 'completed'";
    for (const [matchId] of [[unpaid.matchId], [reported.matchId]])
      await until(loot.db, `match ${matchId} is paid`, isPaid, [matchId]);
    await until(loot.db, 'the trade is settled', isTraded, [trade.tradeId]);
    await untilTold(loot.db);
    const before = await holdings(loot.db, playerIds);
    // what operators do in the lost time, and a trade of which nobody outside knows
    const lateOperator = createServerClient({ baseUrl: loot.baseUrl, apiKey: operatorKey });
    await lateOperator.createApiKey({ clientId: 'partner', scopes: ['grants:write'] });
    await erasePlayer(loot.db, { playerId: forgottenId, actor: 'operator:test' });
    const [{ client: lateSeller }, { client: lateBuyer }] = [
      await enter(loot, devices.seller),
      await enter(loot, devices.buyer),
    ];
    const { body: lateListing } = await lateSeller.placeListing({ itemId: swords[1]!.itemId, price: '10' });
    const { body: lateTrade } = await lateBuyer.buy({
      listingId: lateListing.listingId,
      expectedPrice: '10',
    });
    expect(lateTrade.state).toBe('in_review');
    await untilTold(loot.db);
    const connected = await ledgerEpoch('raise', since);
    expect(connected).toMatchObject({ code: 1, text: expect.stringContaining('restore-test') as string });
    await loot.stop();

    // ------------------------------------------------------------ the restore
    const startedMs = performance.now();
    await stack.services.postgres.stop('SIGKILL');
    await rm(dataDir, { recursive: true });
    await run('cp', ['-a', backup, dataDir]);
    await startPostgres();
    const restoredMs = performance.now() - startedMs;
    const raised = await ledgerEpoch('raise', since);
    process.stdout.write(
      `restored in ${Math.round(restoredMs)} ms, reconciled in ${Math.round(performance.now() - startedMs - restoredMs)} ms\n${raised.text}`,
    );
    expect(raised).toMatchObject({ code: 0 });
    for (const said of [
      'epoch is 2',
      'match results put back: 1',
      '2 rewards, 1 trades',
      'stories of lost rows ended: 1',
      'players erased again: 1',
    ])
      expect(raised.text).toContain(said);

    // ------------------------------------------------------------ afterwards
    loot = await start();
    for (const [matchId] of [[unpaid.matchId], [reported.matchId]])
      await until(loot.db, `match ${matchId} is paid again`, isPaid, [matchId]);
    // the verdict was told after the backup, and is heard again
    await until(loot.db, 'the trade is settled again', isTraded, [trade.tradeId]);
    expect(await findings(loot.db)).toEqual(
      expect.arrayContaining(['epoch 1: grant', 'epoch 1: trade_settle']),
    );
    expect(await findings(loot.db, 'actions_lost')).toEqual([
      expect.stringMatching(/^api-key.created .+ at /),
    ]);
    expect(await count(loot.db, 'players WHERE id = $1 AND erased_at IS NOT NULL', [forgottenId])).toBe(1);

    // nobody but the game server knows of its grant: it asks again under the same reference, as after any lost answer
    expect(await holdings(loot.db, playerIds)).not.toEqual(before);
    await gameAt(loot.baseUrl).grant(late);
    await gameAt(loot.baseUrl).grant(late);
    const { body: again } = await gameAt(loot.baseUrl).reportMatch(report);
    expect(again.matchId).toBe(reported.matchId);
    await untilTold(loot.db);
    expect(await holdings(loot.db, playerIds)).toEqual(before);

    await eventually('both sides are told of the trade, once', async () =>
      (await count(
        loot.db,
        "notifications WHERE type = 'market.trade.completed.v1' AND player_id = ANY ($1::uuid[])",
        [playerIds],
      )) === 2
        ? true
        : undefined,
    );
    const { rows } = await loot.db.query<{ epoch: number; audited: string }>(
      `SELECT d.ledger_epoch AS epoch, a.action AS audited FROM deployment d, audit_entries a WHERE a.action LIKE 'ledger.%'
       ORDER BY a.created_at`,
    );
    expect(rows).toEqual([
      { epoch: 2, audited: 'ledger.epoch-raised' },
      { epoch: 2, audited: 'ledger.epoch-reconciled' },
    ]);
    expect(await count(loot.db, "dead_letters WHERE status = 'waiting'")).toBe(0);

    // beside the running processes: what is back is closed, what nobody asked for again stays; nothing is started twice
    const looked = await ledgerEpoch('look', since);
    expect(looked).toMatchObject({ code: 0 });
    const stillMissing = ['listing_place', 'trade_hold', 'trade_lock'].map((kind) => `epoch 1: ${kind}`);
    expect(await findings(loot.db)).toEqual(stillMissing);
    const refused = await ledgerEpoch('reconcile', since);
    expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('use look') as string });
    expect((await checkInvariants(loot.db)).filter(({ ok }) => !ok)).toEqual([]);
    await loot.stop();
  },
);

/** As the owner, for the application's role does not see it. */
async function directoryOf(): Promise<string> {
  const owner = new pg.Client({ connectionString: stack.databaseUrl });
  await owner.connect();
  const { rows } = await owner.query<{ data_directory: string }>('SHOW data_directory');
  await owner.end();
  return rows[0]!.data_directory;
}

/** A port that answers is not yet a database that does. */
async function startPostgres(): Promise<void> {
  await stack.services.postgres.start();
  await eventually(
    'PostgreSQL takes connections',
    () =>
      directoryOf().then(
        () => true,
        () => undefined,
      ),
    60_000,
  );
}

async function findings(db: Db, rule = 'journals_lost'): Promise<string[]> {
  const open = await listFindings(db, { rule, status: 'open', limit: 100 });
  return open.map(({ subject }) => subject).toSorted();
}
