import { randomUUID } from 'node:crypto';
import { topicOf } from '../../domain/events.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { foldStats, reportStats } from '../../store/consumer-stats/report-stats.ts';
import type { StatsReport } from '../../store/consumer-stats/report-stats.ts';
import type { Db } from '../../store/db.ts';
import { errorMessageOf } from './failures.ts';
import type { EventHandler, Running } from './handler.ts';

type Reported = Pick<EventHandler, 'group' | 'types'>;
type Count = Pick<StatsReport, 'handled' | 'failed' | 'dead' | 'durationMs'>;

const everyMsDefault = 5_000;
/** Metrics that say nothing of an event that is done. */
const notSettled = new Set(['dead', 'signal_dropped']);

/**
 * Writes what this process's consumers did into the database every few seconds, so that whoever is asked for statistics
 * sees the work of all processes. It is read from the metrics, which count it anyway.
 */
export function startStatsReports(
  { db, metrics, log }: { db: Db; metrics: Metrics; log: Log },
  handlers: readonly Reported[],
  { everyMs = everyMsDefault }: { everyMs?: number } = {},
): Running {
  const instance = randomUUID();
  const told = new Map<string, Count>();
  let toldAtMs = performance.now();

  async function report(): Promise<void> {
    const nowMs = performance.now();
    const counts = await countsOf(metrics);
    const reports = placesOf(handlers).map(({ group, topic, types }): StatsReport => {
      const { lagSeconds, ...now } = counts(group, topic);
      const before = told.get(`${group} ${topic}`) ?? nothing;
      const since = minus(now, before);
      return { group, topic, types, ...since, lagSeconds };
    });
    await reportStats(db, instance, nowMs - toldAtMs, reports);
    // only now: what could not be told is told with the next
    for (const { group, topic, handled, failed, dead, durationMs } of reports)
      told.set(
        `${group} ${topic}`,
        plus(told.get(`${group} ${topic}`) ?? nothing, { handled, failed, dead, durationMs }),
      );
    toldAtMs = nowMs;
    await foldStats(db);
  }

  let reporting: Promise<void> | undefined;
  const run = (): Promise<void> =>
    (reporting ??= report()
      .catch((error: unknown) => log.debug({ reason: errorMessageOf(error) }, 'statistics were not reported'))
      .finally(() => (reporting = undefined)));
  void run();
  const timer = setInterval(() => void run(), everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await reporting;
      await run();
    },
  };
}

type Labels = Partial<Record<string, string | number>>;

const nothing: Count = { handled: 0, failed: 0, dead: 0, durationMs: 0 };
const combine = (a: Count, b: Count, sign: 1 | -1): Count => ({
  handled: a.handled + sign * b.handled,
  failed: a.failed + sign * b.failed,
  dead: a.dead + sign * b.dead,
  durationMs: a.durationMs + sign * b.durationMs,
});
const plus = (a: Count, b: Count): Count => combine(a, b, 1);
const minus = (a: Count, b: Count): Count => combine(a, b, -1);

/** A group may read several topics. */
const placesOf = (handlers: readonly Reported[]) =>
  handlers.flatMap(({ group, types }) =>
    [...Map.groupBy(types, topicOf)].map(([topic, ofTopic]) => ({ group, topic, types: ofTopic })),
  );

async function countsOf(metrics: Metrics) {
  const [consumed, retries, durations, lags] = await Promise.all([
    metrics.eventsConsumed.get(),
    metrics.retries.get(),
    metrics.eventProcessingDuration.get(),
    metrics.consumerLagSeconds.get(),
  ]);
  return (group: string, topic: string): Count & { lagSeconds: number | null } => {
    const here = ({ labels }: { labels: Labels }) => labels['group'] === group && labels['topic'] === topic;
    const sum = (values: readonly { value: number }[]) =>
      values.reduce((total, { value }) => total + value, 0);
    const settled: { labels: Labels; value: number }[] = consumed.values.filter(here);
    return {
      handled: sum(settled.filter(({ labels }) => !notSettled.has(String(labels['status'])))),
      dead: sum(settled.filter(({ labels }) => labels['status'] === 'dead')),
      failed: sum(retries.values.filter(here)),
      durationMs:
        sum(durations.values.filter((one) => one.metricName?.endsWith('_sum') === true && here(one))) * 1_000,
      lagSeconds: lags.values.find(here)?.value ?? null,
    };
  };
}
