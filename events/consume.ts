import type { Broker, DeliveredRecord, GroupMember, TopicPartition } from './broker.ts';
import { createCommitter } from './commit-offsets.ts';
import { createBrake, placeKey, startGeneration } from './generation.ts';
import type { Generation } from './generation.ts';
import { topicOf } from '../domain/events.ts';
import { errorMessageOf } from './failures.ts';
import type { EventHandler, Running } from './handler.ts';
import { backoffMs, sleep } from './patience.ts';
import { concerns } from './process-event.ts';
import type { ProcessDeps } from './process-event.ts';
import { placeOf, settleEvent } from './settle-event.ts';
import type { Settled } from './settle-event.ts';
import { createSlots } from './slots.ts';

export type ConsumerDeps = ProcessDeps & { broker: Broker };

export type ConsumeOptions = {
  /** Events of one group that are handled at the same time in this process; each holds a database connection. */
  concurrency?: number;
  /** A member whose fetches or commits stand still this long is replaced. */
  silenceMsMax?: number;
};

const defaultConcurrency = 4;
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
  const slots = createSlots(options.concurrency ?? defaultConcurrency);
  const brake = createBrake();
  const ended = Promise.withResolvers<void>();
  const asked = () => ended.resolve();
  stop.addEventListener('abort', asked);
  let generation: Generation | undefined;
  let member: GroupMember | undefined;
  const committer = createCommitter(deps, handler.group, () =>
    member && generation ? { member, generation } : undefined,
  );

  async function settle(record: DeliveredRecord, signal: AbortSignal): Promise<boolean> {
    if (!concerns(handler, record)) return true;
    const startedAtMs = performance.now();
    const settled = await settleEvent({ ...deps, slots, signal }, handler, record);
    if (settled !== undefined) tell(deps, handler.group, record, settled, performance.now() - startedAtMs);
    return settled !== undefined;
  }

  function onProgress(): void {
    committer.schedule();
    if (member !== undefined && generation !== undefined) brake.apply(member, generation.partitions);
  }

  function onAssigned(assigned: readonly TopicPartition[]): void {
    generation?.end();
    const ready = generation?.drained() ?? Promise.resolve();
    brake.release(member);
    generation = startGeneration({ assigned, ready, settle, onProgress });
    deps.log.info({ group: handler.group, partitions: assigned.map(placeKey) }, 'partitions assigned');
  }

  const joining = deps.broker.join({
    group: handler.group,
    topics: [...new Set(handler.types.map(topicOf))],
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
  const watch = setInterval(() => {
    const silentMs = performance.now() - Math.min(joined.fetchedAtMs, committer.stuckSinceMs());
    if (silentMs > silenceMsMax)
      ended.reject(new Error(`no fetch or no commit for ${Math.round(silentMs)} ms`));
    if (generation !== undefined) tellLag(deps, handler, generation);
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
  }
}

function tell(
  deps: ConsumerDeps,
  group: string,
  record: DeliveredRecord,
  settled: Settled,
  durationMs: number,
): void {
  const labels = { topic: record.topic, group };
  deps.metrics.eventsConsumed.inc({ ...labels, status: settled });
  deps.metrics.eventProcessingDuration.observe(labels, durationMs / 1_000);
  if (settled === 'duplicate') {
    deps.metrics.inboxDuplicates.inc(labels);
    deps.metrics.idempotencyHits.inc({ layer: 'inbox' });
  }
  const level = settled === 'duplicate' ? 'debug' : settled === 'too_old' ? 'warn' : 'info';
  deps.log[level](
    {
      ...placeOf(group, record),
      eventId: record.headers['ce_id']?.toString(),
      type: record.headers['ce_type']?.toString(),
      outcome: settled,
      durationMs: Math.round(durationMs),
    },
    'event',
  );
}

function tellLag(deps: ConsumerDeps, handler: EventHandler, generation: Generation): void {
  const byTopic = Map.groupBy(generation.partitions, ({ topic }) => topic);
  for (const [topic, partitions] of byTopic) {
    const labels = { topic, group: handler.group };
    const behind = partitions.map((lanes) => {
      const end = generation.endOffsets.get(placeKey(lanes));
      const next = lanes.nextOffset;
      return end === undefined
        ? 0
        : next === undefined
          ? lanes.pendingCount
          : Math.max(0, Number(end - next));
    });
    const oldestMs = Math.min(...partitions.map((lanes) => lanes.oldestPendingTimestampMs ?? Infinity));
    deps.metrics.consumerLag.set(
      labels,
      behind.reduce((sum, count) => sum + count, 0),
    );
    deps.metrics.consumerLagSeconds.set(
      labels,
      Number.isFinite(oldestMs) ? Math.max(0, Date.now() - oldestMs) / 1_000 : 0,
    );
  }
}
