import { topicOf } from '../domain/events.ts';
import { createLagGauges } from './consumer-lag.ts';
import { errorMessageOf } from './failures.ts';
import type { EventHandler, Running } from './handler.ts';
import { createMemberWork } from './member-work.ts';
import type { ConsumerDeps, WorkOptions } from './member-work.ts';
import { backoffMs, sleep } from './patience.ts';

export type { ConsumerDeps } from './member-work.ts';

export type ConsumeOptions = WorkOptions & {
  /** A member whose fetches or commits stand still this long is replaced. */
  silenceMsMax?: number;
};

const defaultSilenceMsMax = 60_000;
const lagMs = 2_000;
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
  const ended = Promise.withResolvers<void>();
  const asked = () => ended.resolve();
  stop.addEventListener('abort', asked);
  const work = createMemberWork(deps, handler, options);
  const joining = deps.broker.join({
    group,
    topics,
    from: 'earliest',
    onAssigned: work.onAssigned,
    onRebalancing: work.onRebalancing,
    onRecords: work.onRecords,
    onEnded: ended.reject,
  });
  const joined = await Promise.race([joining, ended.promise]);
  if (joined === undefined) return void joining.then((late) => late.stop()).catch(() => {});
  work.attach(joined);
  const silenceMsMax = options.silenceMsMax ?? defaultSilenceMsMax;
  const lag = createLagGauges(deps, group, topics);
  const watch = setInterval(() => {
    const silentMs = performance.now() - Math.min(joined.fetchedAtMs, work.stuckSinceMs());
    if (silentMs > silenceMsMax)
      ended.reject(new Error(`no fetch or no commit for ${Math.round(silentMs)} ms`));
    lag.look(work.generation(), joined.fetchedAtMs);
  }, lagMs);
  if (stop.aborted) asked();
  try {
    await ended.promise;
  } finally {
    clearInterval(watch);
    stop.removeEventListener('abort', asked);
    await work.finish();
    await joined.stop();
    lag.remove();
  }
}
