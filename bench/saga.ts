import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import type { Economy } from '../domain/economy/types.ts';
import { loadConfig } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { openTemporal } from '../platform/temporal.ts';
import type { Temporal } from '../platform/temporal.ts';
import { startStack } from '../stack/launcher.ts';
import { createDatabase } from '../store/create-database.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { applyEconomy } from '../store/economy/apply-economy.ts';
import { migrate } from '../store/migrate.ts';
import { openTrade } from '../store/trades/open-trade.ts';
import { startQueueWorkers } from '../workers/queue-worker.ts';
import { startWorkflowWorkers } from '../workers/workflows.ts';
import { begin, taskQueues, tradeStart } from '../workflows/messages.ts';
import { keepReport, medianOf, round, rowOf } from './report.ts';
import type { Report } from './report.ts';
import { checkSettled, offers, price } from './saga-world.ts';
import type { Offer } from './saga-world.ts';

/**
 * A trade, from the decision to buy (row, workflow, four ledger steps) to its completed answer, beside a workflow of four
 * empty regular and one of four empty local activities on the same server. HTTP and authentication are not included.
 */
export type SagaSize = { rounds: number; oneByOne: number; atOnce: number; concurrency: number };
export const fullSize: SagaSize = { rounds: 5, oneByOne: 12, atOnce: 48, concurrency: 16 };
/** Proves that it runs and validates. */
export const smallSize: SagaSize = { rounds: 1, oneByOne: 2, atOnce: 4, concurrency: 4 };

type Contestant = { name: 'trade' | 'fourRegular' | 'fourLocal'; run(): Promise<void> };
type Figures = { latencyMs: number; perSecond: number };

export async function benchSaga(size: SagaSize = fullSize): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-bench-'));
  const stack = await startStack({ dir: folder, ports: 'free' });
  const url = new URL(stack.databaseUrl);
  url.pathname = `/bench_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(url.href);
  await migrate(url.href);
  const db = openDb({ url: url.href, connectionCountMax: 20 });
  try {
    return await measure(db, url.href, stack.temporalAddress, size);
  } finally {
    await db.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(db: Db, databaseUrl: string, address: string, size: SagaSize): Promise<Report> {
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_TASK_QUEUE_PREFIX: `bench-${randomUUID()}-`,
  });
  const log = createLog('bench', 'warn');
  const temporal = openTemporal({
    address,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    uiUrl: config.TEMPORAL_UI_URL,
  });
  const economyFile = new URL('../economies/arena.json', import.meta.url);
  const { $schema: _, ...economy } = JSON.parse(await readFile(economyFile, 'utf8')) as Economy & {
    $schema?: string;
  };
  await applyEconomy(db, economy, { actor: 'bench' });

  const workers = await startWorkflowWorkers({ config, db, log, metrics: createMetrics(), crash: () => {} });
  const peers = await startPeers({ config, log });
  const trades = size.rounds * (size.oneByOne + size.atOnce) * 2 + warmUps;
  const stock = await offers(db, trades);
  try {
    const contestants = contestantsOf(db, temporal, stock);
    for (const { run } of contestants) await inParallel(warmUps, size.concurrency, run);
    const rounds = await race(contestants, size);
    const valid = await checkSettled(db, trades - stock.length);
    return await report(rounds, valid, size);
  } finally {
    await Promise.all([workers.stop(), peers.stop()]);
    await temporal.close();
  }
}

const warmUps = 8;
const peerQueue = 'peers';

async function startPeers(deps: Parameters<typeof startQueueWorkers>[0]) {
  const workflowsPath = fileURLToPath(new URL('saga-peers.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  const activities = { nothing: async () => {} };
  return startQueueWorkers(deps, [{ name: peerQueue, activities, options: { workflowBundle } }]);
}

function contestantsOf(db: Db, temporal: Temporal, stock: Offer[]): Contestant[] {
  const peer = (name: 'fourRegular' | 'fourLocal'): Contestant => ({
    name,
    run: () =>
      temporal.client.workflow.execute(name, {
        workflowId: `${name}-${randomUUID()}`,
        taskQueue: temporal.taskQueue(peerQueue),
      }),
  });
  return [
    { name: 'trade', run: () => buy(db, temporal, stock.pop()) },
    peer('fourLocal'),
    peer('fourRegular'),
  ];
}

async function buy(db: Db, temporal: Temporal, offer: Offer | undefined): Promise<void> {
  if (offer === undefined) throw new Error('the stock is sold out');
  const terms = { tradeId: randomUUID(), ...offer, expectedPrice: price, reviewPrice: price };
  const { trade } = await openTrade(db, terms);
  const startWorkflowOperation = new WithStartWorkflowOperation('trade', {
    ...tradeStart(trade, 60_000),
    taskQueue: temporal.taskQueue(taskQueues.economy),
  });
  const { status } = await temporal.client.workflow.executeUpdateWithStart(begin, {
    startWorkflowOperation,
    updateId: trade.tradeId,
  });
  if (status !== 'completed') throw new Error(`a trade ended as ${status}`);
}

/** Rounds in the order A B C, C B A: drift of the machine favours nobody. */
async function race(
  contestants: readonly Contestant[],
  size: SagaSize,
): Promise<Record<Contestant['name'], Figures>[]> {
  const rounds: Record<Contestant['name'], Figures>[] = [];
  for (let n = 0; n < size.rounds; n++) {
    const halves: Partial<Record<Contestant['name'], Figures[]>> = {};
    for (const contestant of [...contestants, ...contestants.toReversed()]) {
      (halves[contestant.name] ??= []).push(await time(contestant, size));
    }
    const whole = (name: Contestant['name']): Figures => ({
      latencyMs: mean((halves[name] ?? []).map(({ latencyMs }) => latencyMs)),
      perSecond: mean((halves[name] ?? []).map(({ perSecond }) => perSecond)),
    });
    rounds.push({ trade: whole('trade'), fourLocal: whole('fourLocal'), fourRegular: whole('fourRegular') });
  }
  return rounds;
}

async function time({ run }: Contestant, { oneByOne, atOnce, concurrency }: SagaSize): Promise<Figures> {
  const latencies: number[] = [];
  for (let n = 0; n < oneByOne; n++) {
    const startedAtMs = performance.now();
    await run();
    latencies.push(performance.now() - startedAtMs);
  }
  const startedAtMs = performance.now();
  await inParallel(atOnce, concurrency, run);
  return { latencyMs: medianOf(latencies), perSecond: (atOnce * 1_000) / (performance.now() - startedAtMs) };
}

async function inParallel(count: number, concurrency: number, run: () => Promise<void>): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await run();
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function report(rounds: Awaited<ReturnType<typeof race>>, valid: boolean, size: SagaSize): Promise<Report> {
  const ratios = (figure: keyof Figures, peer: Contestant['name']) =>
    rounds.map((all) => all.trade[figure] / all[peer][figure]);
  const figure = (name: Contestant['name'], of: keyof Figures) =>
    round(medianOf(rounds.map((all) => all[name][of])));
  const names = ['trade', 'fourRegular', 'fourLocal'] as const;
  return keepReport(
    {
      bench: 'saga',
      valid,
      rows: [
        rowOf(
          'trade latency, one at a time, p50',
          'four empty regular activities',
          ratios('latencyMs', 'fourRegular'),
          { atMost: 0.35 },
        ),
        rowOf(
          'trades per second, 16 at once',
          'four empty regular activities',
          ratios('perSecond', 'fourRegular'),
          { atLeast: 2 },
        ),
        rowOf(
          'trade latency, one at a time, p50',
          'four empty local activities',
          ratios('latencyMs', 'fourLocal'),
          { atMost: 1.3 },
        ),
      ],
      figures: {
        ...Object.fromEntries(
          names.flatMap((name) => [
            [`${name} p50 ms`, figure(name, 'latencyMs')],
            [`${name} per second`, figure(name, 'perSecond')],
          ]),
        ),
        // well above the number of cores: others were working too, and the absolutes say little
        'load average of the last 5 minutes': round(loadavg()[1] ?? 0),
      },
    },
    { keep: size.rounds > 1 },
  );
}
