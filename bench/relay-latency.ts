import { randomUUID } from 'node:crypto';
import { toHeaders } from '../events/codec/envelope.ts';
import { startRelay } from '../events/relay/relay.ts';
import { appendEvents } from '../store/outbox/append-events.ts';
import { scoreChanged } from './event-world.ts';
import type { EventWorld } from './event-world.ts';
import { percentiles } from './loops.ts';
import type { Timed } from './loops.ts';
import { relayTopic } from './relay-contestants.ts';

/** Events of one commit or request: what one transaction of the game tells, more or less. */
const togetherCount = 10;
/** Who commit at once: fewer than there are connections, for the relay has its turns on the same pool. */
const committerCount = 16;
const keyCount = 5_000;
const patienceMs = 30_000;
/** The first of each run warm up what comes after. */
const warmUpShare = 0.2;

export type Latency = Timed & {
  isComplete: boolean;
  /** Of it until the commit, or the producer, was answered. */
  answeredP50Ms: number;
  answeredP99Ms: number;
};
type Send = (scores: readonly number[]) => Promise<void>;

/** As the ledger posts: one statement, which commits by itself. */
async function commit({ db }: EventWorld, scores: readonly number[]): Promise<void> {
  await appendEvents({ transaction: true, query: db.query, wroteOutbox: () => {} }, eventsOf(scores));
  db.wroteOutbox();
}

const eventsOf = (scores: readonly number[]) =>
  scores.map((score) => scoreChanged(`player-${score % keyCount}`, score));

/**
 * What commits, relay and consumer sustain together, in events per second: each committer goes on when a consumer has heard
 * of its last. An open loop cannot be offered more for long, however fast the relay empties a full outbox: the committing
 * costs the same processors.
 */
export async function sustainedPerSecond(world: EventWorld, seconds: number): Promise<number> {
  const relay = startRelay(world);
  const missing = new Map<number, { count: number; heard: () => void }>();
  const member = await listen(world, (score) => {
    const commit = missing.get(Math.floor(score / togetherCount));
    if (commit !== undefined && --commit.count === 0) commit.heard();
  });
  let commitCount = 0;
  const startedAtMs = performance.now();
  const untilMs = startedAtMs + seconds * 1_000;
  const committer = async () => {
    while (performance.now() < untilMs) {
      const n = commitCount++;
      const heard = Promise.withResolvers<void>();
      missing.set(n, { count: togetherCount, heard: heard.resolve });
      await commit(world, scoresOf(n * togetherCount));
      await heard.promise;
      missing.delete(n);
    }
  };
  try {
    await Promise.all(Array.from({ length: committerCount }, committer));
    return (commitCount * togetherCount * 1_000) / (performance.now() - startedAtMs);
  } finally {
    await member.stop();
    await relay.stop();
  }
}

/** From when it should be committed to when a consumer has the event: the statement, relay, Kafka, fetch. */
export async function commitToHandler(
  world: EventWorld,
  perSecond: number,
  seconds: number,
): Promise<Latency> {
  const relay = startRelay(world);
  try {
    return await measure(world, perSecond, seconds, (scores) => commit(world, scores));
  } finally {
    await relay.stop();
  }
}

/** The same events given to a producer, as many at once: no database and no relay. */
export function produceToHandler(world: EventWorld, perSecond: number, seconds: number): Promise<Latency> {
  const { broker, codec, origin } = world;
  return measure(world, perSecond, seconds, async (scores) => {
    const time = new Date().toISOString();
    const messages = eventsOf(scores).map(({ type, key, data }) => {
      const { value, schemaId } = codec.encode(type, data);
      const { source, ledgerEpoch } = origin;
      const envelope = { id: randomUUID(), type, source, subject: key, time, sequence: null };
      const headers = toHeaders({ ...envelope, ledgerEpoch, schemaId, context: {} });
      return { topic: relayTopic, key: Buffer.from(key), value, headers };
    });
    await broker.send(messages, patienceMs);
  });
}

const scoresOf = (first: number): number[] => Array.from({ length: togetherCount }, (_, n) => first + n);

/** A consumer of what is told from now on; each event is decoded. It may hear one twice. */
async function listen(
  { broker, codec }: EventWorld,
  onHeard: (score: number, atMs: number) => void,
): Promise<{ stop(): Promise<void> }> {
  const reading = Promise.withResolvers<void>();
  const decode = async (value: Buffer | null, atMs: number) => {
    const { leaderboard, score } = await codec.decode('leaderboard.score.changed.v1', value, '');
    if (leaderboard === 'arena') onHeard(Number(score), atMs);
  };
  const member = await broker.join({
    group: `bench-${randomUUID()}`,
    topics: [relayTopic],
    from: 'latest',
    onAssigned: () => reading.resolve(),
    onRebalancing: () => {},
    onRecords(records) {
      const atMs = performance.now();
      for (const { value } of records) void decode(value, atMs);
    },
    onEnded: reading.reject,
  });
  await reading.promise;
  for (const { topic, partition, endOffset } of await broker.admin.partitionEnds(relayTopic))
    member.seek({ topic, partition }, endOffset);
  return member;
}

/** Open loop: what is due is sent whatever became of what was before. */
async function measure(world: EventWorld, perSecond: number, seconds: number, send: Send): Promise<Latency> {
  const total = Math.ceil((perSecond * seconds) / togetherCount) * togetherCount;
  const heardAtMs = new Float64Array(total);
  let heardCount = 0;
  const member = await listen(world, (n, atMs) => {
    if (heardAtMs[n] !== 0) return;
    heardAtMs[n] = atMs;
    heardCount += 1;
  });
  const startedAtMs = performance.now();
  // those of one commit or request are due when its last is
  const dueAtMs = (n: number) =>
    startedAtMs + ((n - (n % togetherCount) + togetherCount) * 1_000) / perSecond;
  const sends: Promise<number>[] = [];
  const sendAt = async (first: number) => {
    await send(scoresOf(first));
    return performance.now() - dueAtMs(first);
  };
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000));
    for (; sent + togetherCount <= due || (due === total && sent < total); sent += togetherCount)
      sends.push(sendAt(sent));
    await new Promise((resume) => setTimeout(resume, 1));
  }
  const answeredMs = await Promise.all(sends);
  const untilMs = performance.now() + patienceMs;
  while (heardCount < total && performance.now() < untilMs)
    await new Promise((resume) => setTimeout(resume, 10));
  const elapsedMs = performance.now() - startedAtMs;
  await member.stop();
  const warm = Math.floor(total * warmUpShare);
  const latencies = [...heardAtMs].map((atMs, n) => atMs - dueAtMs(n)).slice(warm);
  const { p50Ms, p99Ms } = percentiles(latencies, elapsedMs);
  const shape = { count: total, perSecond: (total * 1_000) / elapsedMs, p50Ms, p99Ms };
  const answered = percentiles(answeredMs.slice(warm / togetherCount), elapsedMs);
  const { p50Ms: answeredP50Ms, p99Ms: answeredP99Ms } = answered;
  return { ...shape, answeredP50Ms, answeredP99Ms, isComplete: heardCount === total };
}
