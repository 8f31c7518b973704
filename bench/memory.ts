import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOperatorClient } from '../client/operator-client.ts';
import { createPlayerClient } from '../client/player-client.ts';
import { createServerClient } from '../client/server-client.ts';
import type { ServerClient } from '../client/server-client.ts';
import { playBot } from '../demo/bots.ts';
import { createChildren } from '../demo/children.ts';
import type { Children } from '../demo/children.ts';
import { eventually } from '../demo/stage.ts';
import { createBroker } from '../events/kafkajs/broker.ts';
import { createLog } from '../platform/log.ts';
import { startStack } from '../stack/launcher.ts';
import type { Stack } from '../stack/types.ts';
import type { Db } from '../store/db.ts';
import { residentDuring, startRoles } from './memory-roles.ts';
import type { Layout } from './memory-roles.ts';
import { createDatabases } from './posting-databases.ts';
import { keepReport, rowOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * What each role keeps resident as a process of its own, and all of them in one: started and ready, and under a modest load
 * that gives every role something to do (grants and events over HTTP, matches of six bots, what the relay and the consumers
 * make of them).
 */
export type MemorySize = {
  idleMs: number;
  grantCount: number;
  eventCount: number;
  matchCount: number;
  keep: boolean;
};
export const fullSize: MemorySize = {
  idleMs: 5_000,
  grantCount: 5_000,
  eventCount: 20_000,
  matchCount: 8,
  keep: true,
};
export const smallSize: MemorySize = {
  idleMs: 0,
  grantCount: 20,
  eventCount: 200,
  matchCount: 1,
  keep: false,
};

const clientCount = 16;
const eventsAtOnce = 100;
const seatCount = 6;
const allDoneMsMax = 120_000;

export async function benchMemory(size: MemorySize = fullSize): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-bench-memory-'));
  const stack = await startStack({ dir: folder, ports: 'free' });
  const databases = await createDatabases(stack.databaseUrl, 4);
  try {
    const measured = async (layout: Layout) => {
      const { db, url } = await databases.open();
      return measure({ db, url, stack, logDir: path.join(folder, layout) }, layout, size);
    };
    const [apart, together] = [await measured('apart'), await measured('together')];
    return await reportOf(apart, together, size);
  } finally {
    await databases.closeAll();
    await databases.drop();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Place = { db: Db; url: string; stack: Stack; logDir: string };
type Resident = Awaited<ReturnType<typeof residentDuring>>;
type Measured = { idle: Resident; loaded: Resident; valid: boolean };

async function measure(place: Place, layout: Layout, size: MemorySize): Promise<Measured> {
  const { db, url, stack, logDir } = place;
  const prefix = `bench-${randomUUID().slice(0, 8)}.`;
  const children = createChildren(logDir, {
    DATABASE_URL: url,
    KAFKA_BROKERS: stack.kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_TASK_QUEUE_PREFIX: prefix,
    API_PORT: '0',
    METRICS_PORT: '0',
    MATCH_HOST_PORT: '0',
    MATCH_PRESET: 'shortMatch',
    RATE_LIMIT_PERCENT: '0',
    AUDIT_INTERVAL_MS: '0',
    LOG_LEVEL: 'info',
  });
  // the launcher's children do not keep their parent, which has nothing else at hand while it waits for them
  const awake = setInterval(() => {}, 1_000);
  try {
    await prepare(children);
    const { roles, apiUrl, operatorKey } = await startRoles(children, layout);
    const game = await gameClient(apiUrl, operatorKey);
    const idle = await residentDuring(roles, () => sleep(size.idleMs));
    const loaded = await residentDuring(roles, () => load(apiUrl, game, db, size));
    return { idle, loaded, valid: await everyRoleWorked(db, size) };
  } finally {
    await children.stopAll();
    clearInterval(awake);
    await deleteTopics(stack, prefix);
  }
}

async function prepare(children: Children): Promise<void> {
  await children.runCommand('topics', ['cli/topics.ts']);
  await children.runCommand('economy', ['cli/economy.ts', 'apply', 'economies/arena.json']);
}

async function gameClient(baseUrl: string, operatorKey: string): Promise<ServerClient> {
  const operator = createOperatorClient({ baseUrl, apiKey: operatorKey });
  const scopes = ['grants:write', 'events:write'] as const;
  const topics = { publish: ['analytics.event'], read: [] };
  const { body: key } = await operator.createApiKey({ clientId: 'bench', scopes: [...scopes], topics });
  return createServerClient({ baseUrl, apiKey: key.secret });
}

/** Ends when what was asked has gone all its way: paid, told, handled. */
async function load(baseUrl: string, game: ServerClient, db: Db, size: MemorySize): Promise<void> {
  const { grantCount, eventCount, matchCount } = size;
  await Promise.all([
    inTurns(grantCount, () => grant(game)),
    inTurns(eventCount / eventsAtOnce, () => publish(game)),
    ...Array.from({ length: matchCount }, () => playMatch(baseUrl)),
  ]);
  const isDone = async () => (await everyRoleWorked(db, size)) || undefined;
  await eventually('every role has done its part', isDone, allDoneMsMax);
}

async function inTurns(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const client = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: clientCount }, client));
}

const grant = (game: ServerClient) =>
  game.grant({
    reference: randomUUID(),
    player: { issuer: 'bench', subject: randomUUID() },
    lines: [{ asset: 'gold', amount: '5' }],
  });

const publish = (game: ServerClient) =>
  game.publishGameEvents(
    Array.from({ length: eventsAtOnce }, (_, n) => ({
      player: { issuer: 'bench', subject: `player-${n}` },
      session: 'session-1',
      action: 'level-completed',
      data: { score: n },
    })),
  );

async function playMatch(baseUrl: string): Promise<void> {
  const players = await Promise.all(
    Array.from({ length: seatCount }, async () => {
      const player = createPlayerClient({ baseUrl });
      await player.session.guest(randomBytes(32).toString('base64url'));
      return player;
    }),
  );
  const seed = randomBytes(32).toString('hex');
  await Promise.all(
    players.map(async (player) => {
      const { matchId } = await player.joinMatch();
      await playBot(await player.play(matchId), 'hunter', seed);
    }),
  );
}

/**
 * The API answered (a refusal would have been thrown), the match host ended its matches, the workflow workers paid them, the
 * relay has nothing left, and the consumers have handled what it sent.
 */
async function everyRoleWorked(db: Db, { grantCount, eventCount, matchCount }: MemorySize): Promise<boolean> {
  const { rows } = await db.query<Record<'paid' | 'waiting' | 'published' | 'relayed' | 'handled', number>>(
    `SELECT (SELECT count(*) FROM matches WHERE status = 'finished' AND reward_status = 'paid')::int AS paid,
       (SELECT count(*) FROM outbox)::int AS waiting,
       (SELECT count(*) FROM event_log WHERE topic = 'analytics.event')::int AS published,
       (SELECT count(*) FROM event_log WHERE topic = 'ledger.journal')::int AS relayed,
       (SELECT count(*) FROM inbox WHERE consumer_group = 'flows')::int AS handled`,
  );
  const [counts] = rows;
  if (counts === undefined) return false;
  const { paid, waiting, published, relayed, handled } = counts;
  const isRelayed = waiting === 0 && relayed >= grantCount && published === eventCount;
  return paid >= matchCount && isRelayed && handled === relayed;
}

async function deleteTopics({ kafkaBrokers }: Stack, prefix: string): Promise<void> {
  const log = createLog('bench', 'warn');
  const broker = createBroker({ brokers: kafkaBrokers, clientId: 'bench', prefix, log });
  await broker.admin.deleteTopics(await broker.admin.listTopics()).catch(() => {});
  await broker.close();
}

function reportOf(apart: Measured, together: Measured, size: MemorySize): Promise<Report> {
  const sum = (resident: Resident) => Object.values(resident).reduce((all, { median }) => all + median, 0);
  const against = (state: 'idle' | 'loaded') => [sum(together[state]) / sum(apart[state])];
  const peer = 'each role as a process of its own';
  const figures = ({ idle, loaded }: Measured) =>
    Object.keys(idle).flatMap((name) => [
      [`${name}: MiB idle`, idle[name]?.median ?? Number.NaN] as const,
      [`${name}: MiB under load`, loaded[name]?.median ?? Number.NaN] as const,
      [`${name}: MiB at most`, loaded[name]?.most ?? Number.NaN] as const,
    ]);
  const { grantCount, eventCount, matchCount } = size;
  return keepReport(
    {
      bench: 'memory',
      valid: apart.valid && together.valid,
      rows: [
        rowOf('all roles in one process, idle, resident memory', peer, against('idle'), { atMost: 1 }),
        rowOf('all roles in one process, under load, resident memory', peer, against('loaded'), {
          atMost: 1,
        }),
      ],
      figures: Object.fromEntries([
        ['grants', grantCount],
        ['events', eventCount],
        ['matches', matchCount],
        ...figures(apart),
        ...figures(together),
      ]),
    },
    { keep: size.keep },
  );
}
