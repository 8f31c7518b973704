import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startStack } from '../stack/launcher.ts';
import { createDatabase } from '../store/create-database.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';
import { clientCount, ours } from './posting-contestants.ts';
import type { Contestant, Measured } from './posting-contestants.ts';
import type { Scenario } from './posting-load.ts';
import { drivenTransfer, findPgbench, pgbenchTransfer } from './posting-pgbench.ts';
import { prismaTransfer } from './posting-prisma.ts';
import { keepReport, medianOf, round, rowOf } from './report.ts';
import type { Report, Row } from './report.ts';

/**
 * Posting through the batcher, 64 clients in a closed loop, beside the usual transfer of seven statements and a Prisma
 * interactive transaction: same server, fsync on, fresh tables of one size each, rounds in the order A B B A.
 */
export type PostingSize = { rounds: number; seconds: number; keep: boolean };
export const fullSize: PostingSize = { rounds: 5, seconds: 1, keep: true };
/** Proves that it runs and validates. */
export const smallSize: PostingSize = { rounds: 1, seconds: 1, keep: false };

/** Where pgbench was best on two cores. */
const bestConcurrency = 12;

type Goals = { atClients: number; atBest: number; prisma?: number };
const goals: Record<Scenario, Goals> = {
  distinct: { atClients: 8, atBest: 6, prisma: 24 },
  hot: { atClients: 24, atBest: 14, prisma: 24 },
  mix: { atClients: 7, atBest: 5 },
};

type Result = { valid: boolean; rows: Row[]; figures: Record<string, number>; rounds: Measured[][] };

export async function benchPosting(size: PostingSize = fullSize): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-bench-'));
  const stack = await startStack({ dir: folder, ports: 'free', services: ['postgres'] });
  const results: Record<string, Result> = {};
  try {
    const template = await createTemplate(stack.databaseUrl);
    for (const scenario of ['distinct', 'hot', 'mix'] as const) {
      results[scenario] = await compare({ url: stack.databaseUrl, template }, scenario, size);
    }
    await dropDatabase(stack.databaseUrl, template);
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const all = Object.values(results);
  const rates = (scenario: Scenario) =>
    (results[scenario]?.rounds ?? []).map(([own]) => own?.perSecond ?? Number.NaN);
  const evenness = rates('hot').map((rate, n) => rate / (rates('distinct')[n] ?? Number.NaN));
  return keepReport(
    {
      bench: 'posting',
      valid: all.every(({ valid }) => valid),
      rows: [
        ...all.flatMap(({ rows }) => rows),
        rowOf('hot account against distinct ones, journals per second', 'ours', evenness, { atLeast: 0.95 }),
      ],
      figures: Object.assign({}, ...all.map(({ figures }) => figures)) as Record<string, number>,
    },
    { keep: size.keep },
  );
}

/** The first contestant is ours; the others' rows are what it is compared with. */
async function compare(
  server: { url: string; template: string },
  scenario: Scenario,
  { rounds: count, seconds }: PostingSize,
): Promise<Result> {
  const hot = scenario === 'hot';
  const opened: Database[] = [];
  const database = async () => {
    const fresh = await freshDatabase(server.url, server.template);
    opened.push(fresh);
    return fresh;
  };
  try {
    const peer = await database();
    const pgbench = findPgbench();
    const transfer = pgbench
      ? await pgbenchTransfer(peer.db, peer.url, hot, pgbench)
      : await drivenTransfer(peer.db, hot);
    const contestants = [
      await ours((await database()).db, scenario),
      transfer(clientCount),
      transfer(bestConcurrency),
    ];
    if (goals[scenario].prisma !== undefined)
      contestants.push(await prismaTransfer((await database()).db, hot));

    for (const { measure } of contestants) await measure(Math.min(seconds, 0.5));
    const rounds: Measured[][] = [];
    for (let n = 0; n < count; n++) rounds.push(await raceRound(contestants, n, seconds));
    const valid = (await Promise.all(contestants.map((contestant) => contestant.isValid()))).every(Boolean);
    return { valid, rounds, ...compared(scenario, contestants, rounds) };
  } finally {
    for (const { db, name } of opened) {
      await db.close();
      await dropDatabase(server.url, name);
    }
  }
}

/** Every other round runs backwards: drift of the machine favours nobody. */
async function raceRound(
  contestants: readonly Contestant[],
  n: number,
  seconds: number,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  const order = [...contestants.keys()];
  for (const i of n % 2 === 0 ? order : order.toReversed()) {
    const result = await contestants[i]?.measure(seconds);
    if (result) measured[i] = result;
  }
  return measured;
}

function compared(
  scenario: Scenario,
  contestants: readonly Contestant[],
  rounds: readonly Measured[][],
): Pick<Result, 'rows' | 'figures'> {
  const { atClients, atBest, prisma } = goals[scenario];
  const of = (i: number, figure: keyof Measured) => rounds.map((round) => round[i]?.[figure] ?? Number.NaN);
  const ratios = (i: number) =>
    of(0, 'perSecond').map((own, n) => own / (of(i, 'perSecond')[n] ?? Number.NaN));
  const tail = of(0, 'p99Ms').map((own, n) => own / (of(1, 'p50Ms')[n] ?? Number.NaN));
  const name = (i: number) => contestants[i]?.name ?? '';
  const rows = [
    rowOf(`${scenario}: journals per second, ${clientCount} clients`, name(1), ratios(1), {
      atLeast: atClients,
    }),
    rowOf(`${scenario}: journals per second, ${clientCount} clients`, name(2), ratios(2), {
      atLeast: atBest,
    }),
    rowOf(`${scenario}: p99 against the peer's p50`, name(1), tail, { atMost: 1 }),
  ];
  if (prisma !== undefined)
    rows.push(
      rowOf(`${scenario}: journals per second, ${clientCount} clients`, name(3), ratios(3), {
        atLeast: prisma,
      }),
    );
  const figures = contestants.flatMap((contestant, i) =>
    (['perSecond', 'p50Ms', 'p99Ms'] as const).map((figure) => [
      `${scenario}, ${contestant.name}: ${figure}`,
      round(medianOf(of(i, figure))),
    ]),
  );
  return { rows, figures: Object.fromEntries(figures) as Record<string, number> };
}

type Database = { name: string; url: string; db: Db };

const dropDatabase = (serverUrl: string, name: string) =>
  administer(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);

async function freshDatabase(serverUrl: string, template: string): Promise<Database> {
  const url = new URL(serverUrl);
  const name = `bench_posting_${randomUUID().replaceAll('-', '')}`;
  await administer(serverUrl, `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  url.pathname = `/${name}`;
  return { name, url: url.href, db: openDb({ url: url.href, connectionCountMax: clientCount }) };
}

async function createTemplate(serverUrl: string): Promise<string> {
  const name = `bench_posting_template_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await createDatabase(url.href);
  await migrate(url.href);
  return name;
}

async function administer(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
