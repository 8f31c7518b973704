import { topicOf } from '../../domain/events.ts';
import { createLagGauges } from './lag.ts';
import type { EventHandler, Running } from './handler.ts';
import { createMemberWork } from './member-work.ts';
import type { ConsumerDeps, WorkOptions } from './member-work.ts';
import { joinedBefore, keepJoined } from './rejoin.ts';

export type { ConsumerDeps } from './member-work.ts';

export type ConsumeOptions = WorkOptions & {
  /** A member whose fetches or commits stand still this long is replaced. */
  silenceMsMax?: number;
};

const defaultSilenceMsMax = 60_000;
const lagMs = 2_000;

/** Runs one consumer group's member in this process: joins, and joins again, until stopped. */
export function consume(deps: ConsumerDeps, handler: EventHandler, options: ConsumeOptions = {}): Running {
  const stop = new AbortController();
  const run = keepJoined(
    stop.signal,
    () => runMember(deps, handler, options, stop.signal),
    ({ attempt, reason, isNews }) =>
      deps.log[isNews ? 'warn' : 'debug'](
        { group: handler.group, attempt, reason },
        'a consumer waits to join its group again',
      ),
  );
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
  const ended = Promise.withResolvers<void>();
  const asked = () => ended.resolve();
  stop.addEventListener('abort', asked);
  if (stop.aborted) asked();
  try {
    await beMember(deps, handler, options, ended);
  } finally {
    stop.removeEventListener('abort', asked);
  }
}

async function beMember(
  deps: ConsumerDeps,
  handler: EventHandler,
  options: ConsumeOptions,
  ended: PromiseWithResolvers<void>,
): Promise<void> {
  const { group } = handler;
  const topics = [...new Set(handler.types.map(topicOf))];
  const work = createMemberWork(deps, handler, options, ended.reject);
  const joining = deps.broker.join({
    group,
    topics,
    from: 'earliest',
    onAssigned: work.onAssigned,
    onRebalancing: work.onRebalancing,
    onRecords: work.onRecords,
    onEnded: ended.reject,
  });
  const joined = await joinedBefore(ended.promise, joining);
  if (joined === undefined) return;
  work.attach(joined);
  const silenceMsMax = options.silenceMsMax ?? defaultSilenceMsMax;
  const lag = createLagGauges(deps, group, topics);
  const watch = setInterval(() => {
    const silentMs = performance.now() - Math.min(joined.fetchedAtMs, work.stuckSinceMs());
    if (silentMs > silenceMsMax)
      ended.reject(new Error(`no fetch or no commit for ${Math.round(silentMs)} ms`));
    lag.look(work.generation(), joined.fetchedAtMs);
  }, lagMs);
  try {
    await ended.promise;
  } finally {
    clearInterval(watch);
    await work.finish();
    await joined.stop();
    lag.remove();
  }
}
