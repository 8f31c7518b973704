import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startStack } from '../stack/launcher.ts';
import { serverCpu } from './cpu.ts';
import type { Measured } from './loops.ts';
import { clientCount, ours, oursWithRelay } from './posting-contestants.ts';
import { createDatabases } from './posting-databases.ts';
import type { Databases } from './posting-databases.ts';
import type { Scenario } from './posting-load.ts';
import { drivenTransfer, findPgbench, pgbenchTransfer } from './posting-pgbench.ts';
import { prismaTransfer } from './posting-prisma.ts';
import { figuresOf, race, ratiosOf, seriesOf } from './race.ts';
import type { Contestant, Race, RaceSize } from './race.ts';
import { keepReport, medianOf, round, rowOf } from './report.ts';
import type { Report, Row } from './report.ts';

/**
 * Posting through the batcher, 64 clients, beside the usual transfer of seven statements and a Prisma interactive
 * transaction: same server, fsync on, fresh tables of one size each, rounds in the order A B B A.
 */
export type PostingSize = RaceSize & {
  keep: boolean;
  scenarios: readonly Scenario[];
  /** Those measured in an open loop too. */
  paced: readonly Scenario[];
};
export const fullSize: PostingSize = {
  rounds: 5,
  seconds: 1.5,
  keep: true,
  scenarios: ['distinct', 'hot', 'pair', 'mix'],
  paced: ['distinct', 'hot'],
};
/** Proves that it runs and validates: the mix is everything in one. */
export const smallSize: PostingSize = {
  rounds: 1,
  seconds: 0.3,
  keep: false,
  scenarios: ['mix'],
  paced: ['distinct'],
};

/** Where pgbench was best on two cores. */
const bestConcurrency = 12;

type Goals = { atClients: number; atBest: number; prisma?: number };
const goals: Record<Scenario, Goals> = {
  distinct: { atClients: 8, atBest: 6, prisma: 24 },
  hot: { atClients: 24, atBest: 14, prisma: 24 },
  pair: { atClients: 24, atBest: 14 },
  mix: { atClients: 7, atBest: 5 },
};

type Result = { valid: boolean; rows: Row[]; figures: Record<string, number> };
type Ground = { databases: Databases; size: PostingSize; serverCpuMs: () => number };

export async function benchPosting(size: PostingSize = fullSize): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-bench-'));
  const stack = await startStack({ dir: folder, ports: 'free', services: ['postgres'] });
  const databases = await createDatabases(stack.databaseUrl, clientCount);
  const results: Result[] = [];
  try {
    const { db } = await databases.open();
    const ground = { databases, size, serverCpuMs: await serverCpu(db.pool) };
    for (const scenario of size.scenarios) results.push(await withPeers(ground, scenario));
    if (size.scenarios.includes('hot')) results.push(await hotBesideDistinct(ground));
    results.push(await relayBesideNone(ground), await openLoops(ground));
  } finally {
    await databases.closeAll();
    await databases.drop();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return keepReport(
    {
      bench: 'posting',
      valid: results.every(({ valid }) => valid),
      rows: results.flatMap(({ rows }) => rows),
      figures: Object.assign({}, ...results.map(({ figures }) => figures)) as Record<string, number>,
    },
    { keep: size.keep },
  );
}

const peerOf = async (databases: Databases, scenario: Scenario) => {
  const { db, url } = await databases.open();
  const pgbench = findPgbench();
  return pgbench ? pgbenchTransfer(db, url, scenario, pgbench) : drivenTransfer(db, scenario);
};

/** Capacity: closed loop. The first contestant is ours; the others are what it is compared with. */
async function withPeers({ databases, size, serverCpuMs }: Ground, scenario: Scenario): Promise<Result> {
  const { atClients, atBest, prisma } = goals[scenario];
  const open = async () => (await databases.open()).db;
  const peer = await peerOf(databases, scenario);
  const contestants = [await ours(await open(), scenario), peer(clientCount), peer(bestConcurrency)];
  if (prisma !== undefined) contestants.push(await prismaTransfer(await open(), scenario));
  const { names, rounds, valid } = await race(contestants, size, serverCpuMs);
  const against = (i: number, figure: keyof Measured) =>
    ratiosOf(seriesOf(rounds, 0, figure), seriesOf(rounds, i, figure));
  const name = (i: number) => contestants[i]?.name ?? '';
  const rate = `${scenario}: journals per second, ${clientCount} clients`;
  const tail = ratiosOf(seriesOf(rounds, 0, 'p99Ms'), seriesOf(rounds, 1, 'p50Ms'));
  const rows = [
    rowOf(rate, name(1), against(1, 'perSecond'), { atLeast: atClients }),
    rowOf(rate, name(2), against(2, 'perSecond'), { atLeast: atBest }),
    ...(prisma === undefined ? [] : [rowOf(rate, name(3), against(3, 'perSecond'), { atLeast: prisma })]),
    rowOf(`${scenario}: p99 against the peer's p50`, name(1), tail, { atMost: 1 }),
    // where the CPU is what runs out, this is the ratio of rates without the noise of other work on the machine
    rowOf(`${scenario}: CPU per journal`, name(2), against(2, 'cpuMs'), { atMost: round(1 / atBest) }),
  ];
  await databases.closeAll();
  return { valid, rows, figures: figuresOf(scenario, names, rounds) };
}

/** In one race: what separates them must be the hot wallet, not the hour. */
async function hotBesideDistinct({ databases, size, serverCpuMs }: Ground): Promise<Result> {
  const contestants = [
    await ours((await databases.open()).db, 'hot', 'ours, hot'),
    await ours((await databases.open()).db, 'distinct', 'ours, distinct'),
  ];
  const { rounds, valid } = await race(contestants, size, serverCpuMs);
  await databases.closeAll();
  return {
    valid,
    figures: {},
    rows: [rateRow('one hot wallet in every journal', 'distinct wallets', rounds, 0.95)],
  };
}

async function relayBesideNone({ databases, size, serverCpuMs }: Ground): Promise<Result> {
  const contestants = [
    await oursWithRelay((await databases.open()).db, 'distinct'),
    await ours((await databases.open()).db, 'distinct'),
  ];
  const { rounds, valid } = await race(contestants, size, serverCpuMs);
  await databases.closeAll();
  return { valid, figures: {}, rows: [rateRow('while a relay claims as much', 'no relay', rounds, 0.8)] };
}

const rateRow = (what: string, peer: string, rounds: Race['rounds'], atLeast: number): Row =>
  rowOf(
    `${what}: journals per second`,
    `ours, ${peer}`,
    ratiosOf(seriesOf(rounds, 0, 'perSecond'), seriesOf(rounds, 1, 'perSecond')),
    { atLeast },
  );

/** Latency: each at half of what it managed in a closed loop, timed from when a request was due. */
async function openLoops({ databases, size, serverCpuMs }: Ground): Promise<Result> {
  const results: Result[] = [];
  for (const scenario of size.paced) {
    const contestants = [
      await ours((await databases.open()).db, scenario),
      (await peerOf(databases, scenario))(clientCount),
    ];
    const closed = await race(contestants, { ...size, rounds: Math.min(size.rounds, 2) }, serverCpuMs);
    const rates = contestants.map((_, i) => medianOf(seriesOf(closed.rounds, i, 'perSecond')) / 2);
    const half = (contestant: Contestant) =>
      contestant.pace(rates[contestants.indexOf(contestant)] ?? 1, size.seconds);
    const { names, rounds, valid } = await race(contestants, size, serverCpuMs, half);
    const ratios = ratiosOf(seriesOf(rounds, 0, 'p99Ms'), seriesOf(rounds, 1, 'p99Ms'));
    const metric = `${scenario}, open loop at half of each one's capacity: p99`;
    results.push({
      valid: closed.valid && valid,
      rows: [rowOf(metric, contestants[1]?.name ?? '', ratios, { atMost: 1 })],
      figures: figuresOf(`${scenario}, open loop`, names, rounds),
    });
    await databases.closeAll();
  }
  return {
    valid: results.every(({ valid }) => valid),
    rows: results.flatMap(({ rows }) => rows),
    figures: Object.assign({}, ...results.map(({ figures }) => figures)) as Record<string, number>,
  };
}
