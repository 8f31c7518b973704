import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EventFilter } from '../domain/event-filter.ts';
import type { ReplayTarget } from '../domain/replays/types.ts';
import { replayTopicOf } from '../domain/replays/types.ts';
import { ensureTopics } from '../events/kafka/admin.ts';
import type { EventHandler } from '../events/consumer/handler.ts';
import { headerText } from '../events/codec/envelope.ts';
import { prepareReplay } from '../events/replay/prepare-replay.ts';
import { runReplay } from '../events/replay/run-replay.ts';
import type { ReplayDeps } from '../events/replay/types.ts';
import { findTopic } from '../events/catalogue/topics.ts';
import { forgetSeen } from '../store/replays/finish-replay.ts';
import { foldScores } from '../store/leaderboard/fold-scores.ts';
import { openReplay } from '../store/replays/open-replay.ts';
import { findReplay } from '../store/replays/reads.ts';
import { processOf } from './cpu.ts';
import { openEventWorld } from './event-world.ts';
import type { EventOf, EventWorld } from './event-world.ts';
import { ownCpuMs } from './race.ts';
import type { PeerTask } from './replay-peer.ts';
import { keepReport, medianOf, round, rowOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * A window of a topic read once more: into a topic, into a projection (inbox and effect durable, once each), through a
 * handler in shadow; against a plain kafkajs consumer of the same records that does nothing at all with them.
 */
export type ReplaySize = { eventCount: number; rounds: number; keep: boolean };
export const fullSize: ReplaySize = { eventCount: 1_000_000, rounds: 3, keep: true };
export const smallSize: ReplaySize = { eventCount: 2_000, rounds: 1, keep: false };

const topic = 'game.match';
const secondsGoal = 30;
const million = 1_000_000;
const gain = 3n;

/** A match of two: about 200 bytes of Avro and as many of headers. */
const finished: EventOf = (playerId, n) => ({
  type: 'game.match.finished.v1',
  key: playerId,
  data: {
    matchId: playerId,
    mode: 'duel',
    clientId: null,
    seed: 'ab',
    endTick: n,
    plans: [],
    players: [
      {
        playerId,
        outcome: 'winner',
        placement: 1,
        score: 2,
      },
      {
        playerId: other,
        outcome: 'eliminated',
        placement: 2,
        score: 1,
      },
    ],
    reviewRequired: false,
  },
});
const other = randomUUID();

/** The same upsert as the projection's, rolled back. */
const handler: EventHandler<'game.match.finished.v1'> = {
  group: 'bench',
  types: ['game.match.finished.v1'],
  onDeadLetter: 'pass',
  handle: () => Promise.reject(new Error('one by one is not measured')),
  handleMany: (tx, events) =>
    foldScores(
      tx,
      events.flatMap(({ data: { players } }) =>
        players.map(({ playerId, score }) => ({ leaderboard: 'shadow', playerId, gain: BigInt(score) })),
      ),
    ),
};

export async function benchReplay({ eventCount, rounds, keep }: ReplaySize): Promise<Report> {
  const world = await openEventWorld('replay');
  let stopPeer = () => {};
  try {
    const found = findTopic(topic);
    await ensureTopics(world.broker, { replicationCount: 1, topics: found ? [found] : [] });
    await world.fillTopic(topic, eventCount, { keys: Math.min(eventCount, 100_000), eventOf: finished });
    const plain = await startPeer(world, eventCount);
    stopPeer = plain.stop;
    const contestants = [plain.contestant, ...contestantsOf(world, eventCount)];
    const secondsOf = new Map(contestants.map(({ name }) => [name, [] as number[]]));
    const cpuOf = new Map(contestants.map(({ name }) => [name, [] as number[]]));
    let valid = true;
    for (let n = 0; n < rounds; n += 1) {
      // A B B A: drift of the machine favours nobody
      for (const { name, run, cpuMs } of n % 2 === 0 ? contestants : contestants.toReversed()) {
        await world.checkpoint();
        const [startedAtMs, cpuBeforeMs] = [performance.now(), cpuMs()];
        const check = await run();
        secondsOf.get(name)?.push((performance.now() - startedAtMs) / 1_000);
        cpuOf.get(name)?.push(((cpuMs() - cpuBeforeMs) * 1_000) / eventCount);
        if (!(await check())) {
          valid = false;
          console.error(`${name}: something is missing, or there twice`);
        }
      }
    }
    return await report({ secondsOf, cpuOf }, eventCount, valid, keep);
  } finally {
    stopPeer();
    await world.close();
  }
}

/** Answers, outside the time that is measured, whether each event came once. */
type Contestant = { name: string; cpuMs(): number; run(): Promise<() => Promise<boolean>> };
const peer = 'no-op consumer';

function contestantsOf(world: EventWorld, eventCount: number): Contestant[] {
  const deps: ReplayDeps = {
    ...world,
    handlers: new Map([[handler.group, handler as EventHandler]]),
    replicationCount: 1,
  };
  const replay = async (target: ReplayTarget) =>
    replayAll(deps, target, { eventCount, handledCount: eventCount });
  const contestants = [
    {
      name: 'past a filter that lets nothing through',
      async run() {
        const filter = { types: ['game.match.voided.*'] };
        const isWhole = await replayAll(deps, { kind: 'topic' }, { eventCount, handledCount: 0, filter });
        return async () => {
          await world.broker.admin.deleteTopics([replayTopicOf(topic)]);
          return isWhole;
        };
      },
    },
    {
      name: 'into a topic',
      async run() {
        const isWhole = await replay({ kind: 'topic' });
        return async () => {
          const isThere = (await countIds(world, replayTopicOf(topic))) === eventCount;
          await world.broker.admin.deleteTopics([replayTopicOf(topic)]);
          return isThere && isWhole;
        };
      },
    },
    {
      name: 'into a projection',
      async run() {
        const into = `b${randomUUID().slice(0, 8)}`;
        const isWhole = await replay({ kind: 'projection', projection: 'leaderboard', into });
        return async () =>
          (await sumOf(world, `replay_${into}.arena`)) === gain * BigInt(eventCount) && isWhole;
      },
    },
    {
      name: 'through a handler in shadow',
      async run() {
        const isWhole = await replay({ kind: 'handler', group: handler.group, mode: 'shadow' });
        return async () => isWhole && (await sumOf(world, 'shadow')) === 0n;
      },
    },
  ];
  return contestants.map((contestant) => ({ ...contestant, cpuMs: ownCpuMs }));
}

async function replayAll(
  deps: ReplayDeps,
  target: ReplayTarget,
  expected: { eventCount: number; handledCount: number; filter?: EventFilter },
): Promise<boolean> {
  const replayId = randomUUID();
  const window = { from: { time: new Date(0).toISOString() }, to: { time: '2100-01-01T00:00:00.000Z' } };
  const replay = await openReplay(deps.db, {
    replayId,
    topic,
    window,
    target,
    filter: expected.filter ?? {},
    rate: null,
    requestedBy: 'bench',
  });
  await prepareReplay(deps, replay);
  const end = await runReplay(deps, replay, new AbortController().signal);
  const after = await findReplay(deps.db, replayId);
  await forgetSeen(deps.db, replayId);
  const { handledCount, failedCount, doneCount } = after ?? {
    handledCount: -1,
    failedCount: -1,
    doneCount: -1,
  };
  const isCounted = handledCount === expected.handledCount && failedCount === 0;
  return end === 'ended' && isCounted && doneCount === expected.eventCount;
}

/** A plain consumer, ready to be told what to read. */
async function startPeer({ kafkaBrokers, prefix }: EventWorld, eventCount: number) {
  const child = fork(fileURLToPath(new URL('replay-peer.ts', import.meta.url)), {
    execArgv: ['--no-warnings'],
  });
  await once(child, 'message');
  const task: PeerTask = { brokers: kafkaBrokers, topic: prefix + topic, eventCount };
  const contestant: Contestant = {
    name: peer,
    cpuMs: processOf(child.pid ?? 0),
    async run() {
      child.send(task);
      const [count] = (await once(child, 'message')) as [number];
      return () => Promise.resolve(count === eventCount);
    },
  };
  return { contestant, stop: () => child.disconnect() };
}

async function countIds({ broker }: EventWorld, name: string): Promise<number> {
  const ids = new Set<string>();
  let count = 0;
  const ends = await broker.admin.partitionEnds(name);
  await broker.readFrom({
    partitions: ends.map(({ partition, startOffset, endOffset }) => ({
      topic: name,
      partition,
      offset: startOffset,
      endOffset,
    })),
    onRecords(records) {
      count += records.length;
      for (const { headers } of records) ids.add(headerText(headers, 'ce_id') ?? '');
    },
    signal: new AbortController().signal,
  });
  return ids.size === count ? count : -1;
}

async function sumOf({ db }: EventWorld, leaderboard: string): Promise<bigint> {
  const { rows } = await db.query<{ sum: string }>(
    'SELECT coalesce(sum(score), 0)::text AS sum FROM leaderboard_scores WHERE leaderboard = $1',
    [leaderboard],
  );
  return BigInt(rows[0]?.sum ?? 0);
}

function report(
  { secondsOf, cpuOf }: Record<'secondsOf' | 'cpuOf', ReadonlyMap<string, number[]>>,
  eventCount: number,
  valid: boolean,
  keep: boolean,
): Promise<Report> {
  const ofPeer = secondsOf.get(peer) ?? [];
  const ours = [...secondsOf].filter(([name]) => name !== peer);
  const rows = ours.flatMap(([name, seconds]) => [
    rowOf(
      `event replay ${name}, rate`,
      peer,
      seconds.map((own, n) => (ofPeer[n] ?? Number.NaN) / own),
      { atLeast: 0.7 },
    ),
    rowOf(
      `event replay ${name}, time for a million`,
      `${secondsGoal} s`,
      seconds.map((own) => (own * million) / eventCount / secondsGoal),
      { atMost: 1 },
    ),
  ]);
  const figures = Object.fromEntries(
    [...secondsOf].flatMap(([name, seconds]) => [
      [`${name}: events/s`, Math.round(eventCount / medianOf(seconds))],
      [`${name}: s for a million`, round((medianOf(seconds) * million) / eventCount)],
      [`${name}: microseconds of CPU per event, its process`, round(medianOf(cpuOf.get(name) ?? []))],
    ]),
  );
  return keepReport({ bench: 'replay', valid, rows, figures: { events: eventCount, ...figures } }, { keep });
}
