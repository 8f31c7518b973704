import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import { countDisabled, subscriptionsToNudge, trimStreams } from '../../store/subscriptions/dispatch.ts';
import type { Broker, GroupMember, TopicPartition } from '../kafka/broker.ts';
import { dispatcherGroup } from '../catalogue/subscribable.ts';
import type { Codec } from '../codec/codec.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import type { Running } from '../consumer/handler.ts';
import { backoffMs, sleep } from '../patience.ts';
import { Lane } from './lane.ts';
import { createNudger } from './nudger.ts';
import { readRoster } from './roster.ts';
import type { Roster } from './roster.ts';

export type DispatcherDeps = {
  db: Db;
  broker: Broker;
  codec: Codec;
  temporal: Temporal;
  metrics: Metrics;
  log: Log;
  /** How soon a change of a subscription is heard. */
  reloadMs?: number;
};

const defaultReloadMs = 1_000;
/** Lost nudges are few: this finds what they should have told. */
const nudgeAllMs = 10_000;
const silenceMsMax = 60_000;
const rejoinBaseMs = 500;
const rejoinMsMax = 10_000;
const drainMsMax = 10_000;
/** What a partition may have fetched and not yet handled: few records may be as heavy as many. */
const pausePendingCount = 5_000;
const pausePendingBytes = 16_777_216;
/** A stream's readers may come back after so many events. */
const streamKeepCount = 10_000;

/**
 * Queues events for whoever subscribes to them: one group over all topics that any subscription names, in every process that
 * runs consumers. Which subscriptions there are is asked again every second; a change of the topics makes the group join
 * anew. What became due while nobody ran is found at the start.
 */
export function startDispatcher(deps: DispatcherDeps): Running {
  const { log, db } = deps;
  const stop = new AbortController();
  const nudger = createNudger(deps);
  const run = (async () => {
    for (let attempt = 1; !stop.signal.aborted; attempt++) {
      try {
        await runMember(deps, nudger, stop.signal);
        attempt = 0;
      } catch (error) {
        log[attempt === 3 ? 'warn' : 'debug'](
          { reason: errorMessageOf(error) },
          'the dispatcher joins again',
        );
        await sleep(backoffMs(attempt, rejoinBaseMs, rejoinMsMax), stop.signal);
      }
    }
  })();
  const housekeeping = setInterval(() => {
    keepHouse(deps, nudger).catch((error: unknown) =>
      log.debug({ reason: errorMessageOf(error) }, 'subscriptions are looked at again later'),
    );
  }, nudgeAllMs);
  void keepHouse({ ...deps, db }, nudger).catch(() => {});
  return {
    async stop() {
      stop.abort();
      clearInterval(housekeeping);
      nudger.stop();
      await run;
    },
  };
}

async function keepHouse(
  { db, metrics }: Pick<DispatcherDeps, 'db' | 'metrics'>,
  nudger: ReturnType<typeof createNudger>,
): Promise<void> {
  nudger.nudge(await subscriptionsToNudge(db));
  metrics.subscriptionsDisabled.set(await countDisabled(db));
  await trimStreams(db, streamKeepCount);
}

/** One membership: until asked to end, until other topics are wanted, or until something breaks. */
async function runMember(
  deps: DispatcherDeps,
  nudger: ReturnType<typeof createNudger>,
  stop: AbortSignal,
): Promise<void> {
  const reloadMs = deps.reloadMs ?? defaultReloadMs;
  let roster = await readRoster(deps.db);
  const topics = await existing(deps.broker, roster.topics);
  if (topics.length === 0) return sleep(reloadMs, stop);
  const ended = Promise.withResolvers<void>();
  const asked = () => ended.resolve();
  stop.addEventListener('abort', asked);
  const assignments = createAssignments(deps, nudger, ended.reject, () => roster);
  const joining = deps.broker.join({
    group: dispatcherGroup,
    topics,
    from: 'earliest',
    onAssigned: assignments.take,
    onRebalancing: assignments.drop,
    onRecords: (records, endOffset) => assignments.add(records, endOffset),
    onEnded: ended.reject,
  });
  const joined = await Promise.race([joining, ended.promise]);
  if (joined === undefined) return void joining.then((late) => late.stop()).catch(() => {});
  assignments.joined(joined);
  if (stop.aborted) asked();
  const ticking = tick();
  try {
    await ended.promise;
  } finally {
    ended.resolve();
    stop.removeEventListener('abort', asked);
    await Promise.race([assignments.finish(), sleep(drainMsMax)]);
    assignments.drop();
    await joined.stop();
    await ticking;
  }

  async function tick(): Promise<void> {
    let over = false;
    void ended.promise.catch(() => {}).finally(() => (over = true));
    while (!over) {
      await sleep(reloadMs, stop);
      if (over || stop.aborted) return;
      try {
        roster = await readRoster(deps.db);
        const wanted = await changed(deps.broker, topics, roster);
        if (wanted) return ended.resolve();
        assignments.sync();
        await assignments.save();
      } catch (error) {
        deps.log.debug({ reason: errorMessageOf(error) }, 'subscriptions are read again later');
      }
      if (performance.now() - (joined?.fetchedAtMs ?? 0) > silenceMsMax)
        ended.reject(new Error('the dispatcher hears nothing'));
    }
  }
}

/** A topic that somebody named and nobody has created yet would keep all others from being read. */
async function existing(broker: Broker, topics: readonly string[]): Promise<string[]> {
  if (topics.length === 0) return [];
  const known = new Set(await broker.admin.listTopics());
  return topics.filter((topic) => known.has(topic)).toSorted();
}

async function changed(broker: Broker, joined: readonly string[], roster: Roster): Promise<boolean> {
  const wanted = new Set(roster.topics);
  if (joined.some((topic) => !wanted.has(topic))) return true;
  if (wanted.size === joined.length) return false;
  return (await existing(broker, roster.topics)).length !== joined.length;
}

/** The lanes of what is assigned at present. */
function createAssignments(
  deps: DispatcherDeps,
  nudger: ReturnType<typeof createNudger>,
  onLost: (error: unknown) => void,
  readCurrent: () => Roster,
) {
  let lanes = new Map<string, Lane>();
  const ends = new Map<string, bigint>();
  const paused = new Map<string, TopicPartition>();
  let abort = new AbortController();
  let member: GroupMember | undefined;
  const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

  function drop(): void {
    abort.abort();
    lanes = new Map();
  }

  function brake(lane: Lane): void {
    const key = keyOf(lane.place);
    const load = Math.max(lane.pendingCount / pausePendingCount, lane.pendingBytes / pausePendingBytes);
    if (load >= 1 && !paused.has(key)) {
      paused.set(key, lane.place);
      member?.pause(lane.place);
    } else if (load < 0.5 && paused.delete(key)) member?.resume(lane.place);
  }

  return {
    drop,
    joined(present: GroupMember): void {
      member = present;
      for (const { place, position } of lanes.values())
        if (position !== undefined) present.seek(place, position);
    },
    take(places: readonly TopicPartition[]): void {
      drop();
      abort = new AbortController();
      const { signal } = abort;
      // kafkajs keeps pauses across assignments
      for (const place of paused.values()) member?.resume(place);
      paused.clear();
      const laneDeps = { ...deps, signal, onQueued: nudger.nudge, onLost };
      const fresh = freshRoster(deps, signal);
      for (const place of places) {
        const lane = new Lane(laneDeps, place, (offset) => member?.seek(place, offset), fresh);
        lanes.set(keyOf(place), lane);
      }
    },
    add(records: Parameters<Lane['add']>[0], endOffset: bigint): void {
      const first = records[0];
      if (first === undefined) return;
      ends.set(keyOf(first), endOffset);
      const lane = lanes.get(keyOf(first));
      if (lane === undefined) return;
      if (lane.position !== undefined && endOffset < lane.position)
        return onLost(new Error(`${keyOf(first)} ends before its position: it was made again`));
      lane.add(records);
      brake(lane);
    },
    sync(): void {
      const roster = readCurrent();
      for (const lane of lanes.values()) {
        lane.sync(roster);
        brake(lane);
      }
      tellLag(deps.metrics, lanes, ends);
    },
    save: () => saveLanes(lanes, member),
    async finish(): Promise<void> {
      await Promise.all([...lanes.values()].map((lane) => lane.drained()));
      await saveLanes(lanes, member);
    },
  };
}

/** Positions are ours, in PostgreSQL; Kafka is told for those who look at its groups. */
async function saveLanes(lanes: ReadonlyMap<string, Lane>, member: GroupMember | undefined): Promise<void> {
  const saved = await Promise.all(
    [...lanes.values()].map(async (lane) => ({ place: lane.place, nextOffset: await lane.save() })),
  );
  const offsets = saved.flatMap(({ place, nextOffset }) =>
    nextOffset === undefined ? [] : [{ ...place, nextOffset }],
  );
  if (offsets.length > 0) await member?.commit(offsets).catch(() => {});
}

function tellLag(
  metrics: Metrics,
  lanes: ReadonlyMap<string, Lane>,
  ends: ReadonlyMap<string, bigint>,
): void {
  const behind = new Map<string, number>();
  for (const [key, { place, position }] of lanes) {
    const end = ends.get(key);
    const count = end === undefined || position === undefined || end < position ? 0 : Number(end - position);
    behind.set(place.topic, (behind.get(place.topic) ?? 0) + count);
  }
  for (const [topic, count] of behind) metrics.consumerLag.set({ topic, group: dispatcherGroup }, count);
}

async function freshRoster({ db, log }: DispatcherDeps, signal: AbortSignal): Promise<Roster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readRoster(db);
    } catch (error) {
      signal.throwIfAborted();
      log.debug({ attempt, reason: errorMessageOf(error) }, 'the dispatcher waits for the database');
      await sleep(backoffMs(attempt, rejoinBaseMs, rejoinMsMax), signal);
    }
  }
}
