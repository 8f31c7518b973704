import type { Broker, GroupMember, TopicPartition } from './broker.ts';
import { createCommitter } from './commit-offsets.ts';
import { concernOf } from './concerns.ts';
import { refreshEnds, tellLag } from './consumer-lag.ts';
import { createBrake, placeKey, startGeneration } from './generation.ts';
import type { Generation } from './generation.ts';
import { topicOf } from '../domain/events.ts';
import { errorMessageOf } from './failures.ts';
import type { EventHandler, Running } from './handler.ts';
import type { Entry } from './partition-lanes.ts';
import { backoffMs, sleep } from './patience.ts';
import type { ProcessDeps } from './process-event.ts';
import { settleBatch } from './settle-batch.ts';
import { createSlots } from './slots.ts';
import { tellSettled } from './tell-settled.ts';

export type ConsumerDeps = ProcessDeps & { broker: Broker };

export type ConsumeOptions = {
  /** Transactions of one group at the same time in this process; each holds a database connection. */
  concurrency?: number;
  /** Events in one of them, where the handler takes many. */
  batchCountMax?: number;
  /** A member whose fetches or commits stand still this long is replaced. */
  silenceMsMax?: number;
};

const defaultConcurrency = 4;
const defaultBatchCountMax = 500;
const defaultSilenceMsMax = 60_000;
const lagMs = 2_000;
const drainMsMax = 15_000;
const rejoinBaseMs = 500;
const rejoinMsMax = 10_000;
/** The first tries may merely be earlier than the topics. */
const sayAtAttempt = 3;

/** Runs one consumer group's member in this process: joins, and joins again, until stopped. */
export function consume(deps: ConsumerDeps, handler: EventHandler, options: ConsumeOptions = {}): Running {
  const stop = new AbortController();
  const run = (async () => {
    for (let attempt = 1; !stop.signal.aborted; attempt += 1) {
      const startedAtMs = performance.now();
      try {
        await runMember(deps, handler, options, stop.signal);
      } catch (error) {
        const reason = errorMessageOf(error);
        deps.log[attempt === sayAtAttempt ? 'warn' : 'debug'](
          { group: handler.group, attempt, reason },
          'a consumer waits to join its group again',
        );
      }
      if (performance.now() - startedAtMs > defaultSilenceMsMax) attempt = 1;
      await sleep(backoffMs(attempt, rejoinBaseMs, rejoinMsMax), stop.signal);
    }
  })();
  return {
    async stop() {
      stop.abort();
      await run;
    },
  };
}

/** One membership, from joining to the end: asked for, forced by Kafka, or by the watchdog. */
async function runMember(
  deps: ConsumerDeps,
  handler: EventHandler,
  options: ConsumeOptions,
  stop: AbortSignal,
): Promise<void> {
  const { group } = handler;
  const topics = [...new Set(handler.types.map(topicOf))];
  const brake = createBrake();
  const ended = Promise.withResolvers<void>();
  const asked = () => ended.resolve();
  stop.addEventListener('abort', asked);
  let generation: Generation | undefined;
  let member: GroupMember | undefined;
  const slots = createSlots(options.concurrency ?? defaultConcurrency, () => generation?.begin());
  const isOurs = concernOf(handler);
  const committer = createCommitter(deps, group, () =>
    member && generation ? { member, generation } : undefined,
  );

  async function settle(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const startedAtMs = performance.now();
    await settleBatch({ ...deps, slots, signal }, handler, entries, (part) => {
      for (const { entry } of part) entry.done();
      tellSettled(deps, group, part, performance.now() - startedAtMs);
      onProgress();
    });
  }

  function onProgress(): void {
    committer.schedule();
    generation?.begin();
    if (member !== undefined && generation !== undefined) brake.apply(member, generation.partitions);
  }

  function onAssigned(assigned: readonly TopicPartition[]): void {
    generation?.end();
    const ready = generation?.drained() ?? Promise.resolve();
    brake.release(member);
    generation = startGeneration({
      assigned,
      ready,
      isOurs,
      mayBegin: () => slots.isFree,
      batchCountMax: handler.handleMany === undefined ? 1 : (options.batchCountMax ?? defaultBatchCountMax),
      settle,
    });
    deps.log.info({ group, partitions: assigned.map(placeKey) }, 'partitions assigned');
  }

  const joining = deps.broker.join({
    group,
    topics,
    from: 'earliest',
    onAssigned,
    onRebalancing: () => generation?.end(),
    onRecords(records, endOffset) {
      generation?.add(records, endOffset);
      onProgress();
    },
    onEnded: ended.reject,
  });
  const joined = await Promise.race([joining, ended.promise]);
  if (joined === undefined) return void joining.then((late) => late.stop()).catch(() => {});
  member = joined;
  const silenceMsMax = options.silenceMsMax ?? defaultSilenceMsMax;
  let refreshing: Promise<void> | undefined;
  const watch = setInterval(() => {
    const silentMs = performance.now() - Math.min(joined.fetchedAtMs, committer.stuckSinceMs());
    if (silentMs > silenceMsMax)
      ended.reject(new Error(`no fetch or no commit for ${Math.round(silentMs)} ms`));
    tellLag(deps.metrics, group, topics, generation, joined.fetchedAtMs);
    if (generation !== undefined)
      refreshing ??= refreshEnds(deps.broker, generation)
        .catch(() => {})
        .finally(() => (refreshing = undefined));
  }, lagMs);
  if (stop.aborted) asked();
  try {
    await ended.promise;
  } finally {
    clearInterval(watch);
    stop.removeEventListener('abort', asked);
    generation?.end();
    await Promise.race([generation?.drained(), sleep(drainMsMax)]);
    await committer.close();
    await joined.stop();
    tellLag(deps.metrics, group, topics, undefined, 0);
  }
}
