import pg from 'pg';
import { consume } from '../events/consumer/consume.ts';
import {
  consumedCount,
  effectHandler,
  eventCount,
  isOf,
  noOp,
  ours,
  perEvent,
  topic,
} from './consume-contestants.ts';
import type { Reader, Run } from './consume-contestants.ts';
import { serverCpu } from './cpu.ts';
import { openEventWorld } from './event-world.ts';
import type { EventWorld } from './event-world.ts';
import { ownCpuMs, ratiosOf } from './race.ts';
import { keepReport, medianOf, round, rowOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * A topic read into an idempotent durable handler: an inbox row and an effect row per event, fsync on. Beside it the usual
 * transaction per event at its best concurrency, and a consumer that does nothing; same records, same server, rounds in
 * the order A B B A.
 */
export type ConsumeSize = {
  rounds: number;
  eventCount: number;
  keyCount: number;
  /** The peer does not get through everything in a time one wants to wait. */
  peerMs: number;
  /** Steady load for the lag: what a source system states as its rate. */
  steady: { perSecond: number; seconds: number };
  keep: boolean;
};
export const fullSize: ConsumeSize = {
  rounds: 5,
  eventCount: 200_000,
  keyCount: 2_000,
  peerMs: 3_000,
  steady: { perSecond: 12_500, seconds: 8 },
  keep: true,
};
/** Proves that it runs and validates. */
export const smallSize: ConsumeSize = {
  rounds: 1,
  eventCount: 3_000,
  keyCount: 100,
  peerMs: 300,
  steady: { perSecond: 500, seconds: 3 },
  keep: false,
};

const repeatEvery = 100;
const goalPerSecond = 25_000;
const concurrencies = [8, 16, 32];

type Measured = Run & { perSecond: number; cpuMsPerEvent: number };
type Ground = { world: EventWorld; admin: pg.Client; serverCpuMs: () => number; problems: string[] };

export async function benchConsume(size: ConsumeSize = fullSize): Promise<Report> {
  const world = await openEventWorld('consume');
  const admin = new pg.Client({ connectionString: world.url });
  await admin.connect();
  try {
    await admin.query(
      `CREATE TABLE effects (event_id text NOT NULL, player_id uuid NOT NULL, score bigint NOT NULL);
       GRANT ALL ON effects TO lootledger_app`,
    );
    await world.fillTopic(topic, size.eventCount, { keys: size.keyCount, repeatEvery });
    const ground: Ground = { world, admin, serverCpuMs: await serverCpu(world.db.pool), problems: [] };
    const { rows, figures } = await compare(ground, size);
    const lag = await underLoad(ground, size);
    for (const problem of ground.problems) console.error(problem);
    return await keepReport(
      { bench: 'consume', valid: ground.problems.length === 0, rows, figures: { ...figures, ...lag } },
      { keep: size.keep },
    );
  } finally {
    await admin.end();
    await world.close();
  }
}

async function compare(ground: Ground, size: ConsumeSize) {
  const peers: { reader: Reader; perSecond: number }[] = [];
  for (const concurrency of concurrencies) {
    const reader = perEvent(concurrency);
    peers.push({ reader, perSecond: (await measure(ground, reader, size.peerMs / 2)).perSecond });
  }
  const best = peers.reduce((a, b) => (b.perSecond > a.perSecond ? b : a)).reader;
  const readers = [ours, best, noOp];
  // warm
  await measure(ground, ours, size.peerMs);
  const rounds: Measured[][] = [];
  const order = [...readers.entries()];
  for (let n = 0; n < size.rounds; n += 1) {
    const measured: Measured[] = [];
    for (const [i, reader] of n % 2 === 0 ? order : order.toReversed())
      measured[i] = await measure(ground, reader, reader === best ? size.peerMs : Infinity);
    rounds.push(measured);
  }
  const series = (i: number, figure: 'perSecond' | 'cpuMsPerEvent') =>
    rounds.map((measured) => measured[i]?.[figure] ?? Number.NaN);
  const rate = 'events per second into inbox and effect';
  const rates = series(0, 'perSecond');
  const rows = [
    rowOf(
      rate,
      `a rate of ${goalPerSecond}`,
      rates.map((value) => value / goalPerSecond),
      { atLeast: 1 },
    ),
    rowOf(rate, best.name, ratiosOf(rates, series(1, 'perSecond')), { atLeast: 10 }),
    rowOf('CPU per event', best.name, ratiosOf(series(0, 'cpuMsPerEvent'), series(1, 'cpuMsPerEvent')), {
      atMost: 0.1,
    }),
  ];
  const figures = Object.fromEntries(
    readers.flatMap(({ name }, i) => [
      [`${name}: events per second`, round(medianOf(series(i, 'perSecond')))],
      [`${name}: CPU ms per event (consumer and PostgreSQL)`, round(medianOf(series(i, 'cpuMsPerEvent')))],
    ]),
  );
  const share = medianOf(ratiosOf(rates, series(2, 'perSecond')));
  return { rows, figures: { ...figures, 'share of the no-op consumer': round(share) } };
}

async function measure(ground: Ground, reader: Reader, msMax: number): Promise<Measured> {
  const { world, admin, serverCpuMs } = ground;
  await admin.query('TRUNCATE inbox, effects');
  await world.checkpoint();
  const before = serverCpuMs() + ownCpuMs();
  const run = await reader.run(world, msMax);
  const cpuMs = serverCpuMs() + ownCpuMs() - before;
  if (reader !== noOp) await check(ground, reader, run, msMax);
  return { ...run, perSecond: (run.count * 1_000) / run.ms, cpuMsPerEvent: cpuMs / run.count };
}

/** Every event that was handled has one inbox row and one effect; whoever read all of it has met every repeat. */
async function check(
  { world, admin, problems }: Ground,
  reader: Reader,
  { group }: Run,
  msMax: number,
): Promise<void> {
  const { rows } = await admin.query<{ effects: number; events: number; inbox: number }>(
    `SELECT count(*)::int AS effects, count(DISTINCT event_id)::int AS events,
       (SELECT count(*)::int FROM inbox WHERE consumer_group = $1) AS inbox FROM effects`,
    [group],
  );
  const { effects = 0, events = -1, inbox = -1 } = rows[0] ?? {};
  if (effects !== events || effects !== inbox || effects === 0)
    problems.push(`${reader.name}: ${effects} effects of ${events} events, ${inbox} inbox rows`);
  if (reader !== ours || msMax !== Infinity) return;
  const duplicates = await duplicateCount(world, group);
  if (duplicates === 0 || effects + duplicates !== (await eventCount(world)))
    problems.push(`${effects} effects and ${duplicates} repeats are not what the topic holds`);
}

async function duplicateCount({ metrics }: EventWorld, group: string): Promise<number> {
  const { values } = await metrics.inboxDuplicates.get();
  return values.find(isOf(group))?.value ?? 0;
}

/** Events are written at a steady rate while they are read; the lag is what the runtime itself says of it. */
async function underLoad({ world, problems }: Ground, { steady, keyCount }: ConsumeSize) {
  const { perSecond, seconds } = steady;
  const handler = effectHandler();
  const consumer = consume(world, handler);
  const before = await eventCount(world);
  while ((await consumedCount(world, handler.group)) < before)
    await new Promise((resume) => setTimeout(resume, 20));
  let [lagCountMax, lagSecondsMax] = [0, 0];
  const gaugeOf = async (gauge: EventWorld['metrics']['consumerLag']) =>
    (await gauge.get()).values.find(isOf(handler.group))?.value ?? 0;
  // what the gauges still say of the catching up is not the steady load's
  while ((await gaugeOf(world.metrics.consumerLag)) > 0)
    await new Promise((resume) => setTimeout(resume, 100));
  const startedAtMs = performance.now();
  for (let sent = 0; sent < perSecond * seconds;) {
    const due = Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000) - sent;
    if (due > 0) await world.fillTopic(topic, due, { keys: Math.min(keyCount, due) });
    sent += Math.max(0, due);
    lagCountMax = Math.max(lagCountMax, await gaugeOf(world.metrics.consumerLag));
    lagSecondsMax = Math.max(lagSecondsMax, await gaugeOf(world.metrics.consumerLagSeconds));
    await new Promise((resume) => setTimeout(resume, 20));
  }
  const behind = (await eventCount(world)) - (await consumedCount(world, handler.group));
  const endedAtMs = performance.now();
  while ((await consumedCount(world, handler.group)) < (await eventCount(world)))
    await new Promise((resume) => setTimeout(resume, 5));
  const drainMs = performance.now() - endedAtMs;
  await consumer.stop();
  if (drainMs > seconds * 1_000) problems.push(`${perSecond} events per second are more than it can take`);
  return {
    [`at ${perSecond} per second: largest lag in events`]: lagCountMax,
    [`at ${perSecond} per second: largest lag in seconds`]: round(lagSecondsMax),
    [`at ${perSecond} per second: events behind at the end`]: behind,
    [`at ${perSecond} per second: ms until they were done`]: Math.round(drainMs),
  };
}
