import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import { countDisabled, subscriptionsToNudge, trimStreams } from '../../store/subscriptions/dispatch.ts';
import type { Broker } from '../kafka/broker.ts';
import { dispatcherGroup } from '../catalogue/subscribable.ts';
import type { Codec } from '../codec/codec.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import type { Running } from '../consumer/handler.ts';
import { joinedBefore } from '../consumer/rejoin.ts';
import { backoffMs, sleep } from '../patience.ts';
import { createAssignments } from './assignments.ts';
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
  const assignments = createAssignments(deps, nudger.nudge, ended.reject, () => roster);
  const joining = deps.broker.join({
    group: dispatcherGroup,
    topics,
    from: 'earliest',
    onAssigned: assignments.take,
    onRebalancing: assignments.drop,
    onRecords: (records, endOffset) => assignments.add(records, endOffset),
    onEnded: ended.reject,
  });
  const joined = await joinedBefore(ended.promise, joining).catch((error: unknown) => {
    stop.removeEventListener('abort', asked);
    throw error;
  });
  if (joined === undefined) return;
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
