import type { Broker } from '../../../events/kafka/broker.ts';
import { lagSecondsAtMost, readGroupLag, readTopicFlows } from '../../../events/kafka/admin-stats.ts';
import type { TopicFlow } from '../../../events/kafka/admin-stats.ts';
import { allTopics } from '../../../events/catalogue/topics.ts';
import { readGroupStats, readPlatformCounts } from '../../../store/consumer-stats/reads.ts';
import type { GroupStats } from '../../../store/consumer-stats/reads.ts';
import type { Db } from '../../../store/db.ts';
import { readOutboxLevel } from '../../../store/outbox/reads.ts';
import { listOwnTopics } from '../../../store/own-topics/reads.ts';
import type { Stats } from './schema.ts';

type Deps = { db: Db; broker: Broker | undefined; nowMs: () => number };

const kafkaMsMax = 4_000;

/** Numbers of the whole deployment: from the database and from Kafka, none from this process's memory. */
export async function readStats(deps: Deps): Promise<Stats> {
  const { db, nowMs } = deps;
  const [groups, counts, outbox, own] = await Promise.all([
    readGroupStats(db),
    readPlatformCounts(db),
    readOutboxLevel(db),
    listOwnTopics(db),
  ]);
  const names = [...allTopics.map(({ name }) => name), ...own.map(({ name }) => name)];
  const kafka = await askKafka(deps, names, groups);
  return {
    asOf: new Date(nowMs()).toISOString(),
    kafka: kafka === undefined ? 'silent' : 'answers',
    published: kafka === undefined ? null : publishedOf(kafka.flows),
    consumed: consumedOf(groups),
    outbox: { waiting: outbox.rowCount, oldestSeconds: outbox.oldestAgeMs / 1_000 },
    deadLetters: { waiting: counts.deadLettersWaiting, parkedKeys: counts.parkedKeys },
    topicCount: { ours: allTopics.length, own: counts.ownTopics },
    subscriptions: counts.subscriptions,
    topics: (kafka?.flows ?? []).map(({ topic, total, perSecond }) => ({
      topic,
      total: total.toString(),
      perSecond,
    })),
    groups: groups.map((group) => groupView(group, kafka?.lags.get(placeOf(group)))),
  };
}

type Lag = { lag: bigint; seconds: number | null };
type FromKafka = { flows: TopicFlow[]; lags: Map<string, Lag> };

const placeOf = ({ group, topic }: Pick<GroupStats, 'group' | 'topic'>): string => `${group} ${topic}`;

/** Undefined when Kafka does not answer soon: the rest is still worth telling. */
async function askKafka(
  { broker, nowMs }: Deps,
  topics: readonly string[],
  groups: readonly GroupStats[],
): Promise<FromKafka | undefined> {
  if (broker === undefined) return undefined;
  const asked = (async () => {
    const flows = await readTopicFlows(broker, topics, nowMs());
    const existing = new Set(flows.map(({ topic }) => topic));
    const known = groups.filter(({ topic }) => existing.has(topic));
    const lags = await Promise.all(
      known.map(async (group) => [placeOf(group), await lagOf(broker, group, nowMs())] as const),
    );
    return { flows, lags: new Map(lags) };
  })();
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), kafkaMsMax);
  try {
    return await Promise.race([asked, late.promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    asked.catch(() => {});
  }
}

async function lagOf(broker: Broker, group: GroupStats, nowMs: number): Promise<Lag> {
  const { lag } = await readGroupLag(broker, group.group, group.topic);
  if (lag === 0n) return { lag, seconds: 0 };
  // consumers know it to the millisecond; without any, Kafka knows about when
  if (group.instanceCount > 0) return { lag, seconds: group.lagSeconds };
  return { lag, seconds: (await lagSecondsAtMost(broker, group.group, group.topic, nowMs)) ?? null };
}

const publishedOf = (flows: readonly TopicFlow[]) => ({
  total: flows.reduce((sum, { total }) => sum + total, 0n).toString(),
  perSecond: flows.reduce((sum, { perSecond }) => sum + perSecond, 0),
});

function consumedOf(groups: readonly GroupStats[]): Stats['consumed'] {
  const sum = (pick: (group: GroupStats) => bigint) =>
    groups.reduce((total, group) => total + pick(group), 0n);
  const recent = groups.reduce(
    (all, { perSecond, recentHandled, recentFailed }) => ({
      perSecond: all.perSecond + perSecond,
      handled: all.handled + recentHandled,
      failed: all.failed + recentFailed,
    }),
    { perSecond: 0, handled: 0, failed: 0 },
  );
  return {
    total: sum(({ handled }) => handled).toString(),
    failed: sum(({ failed }) => failed).toString(),
    dead: sum(({ dead }) => dead).toString(),
    perSecond: recent.perSecond,
    errorRate: shareOf(recent.failed, recent.handled),
  };
}

const shareOf = (failed: number, handled: number): number =>
  failed === 0 ? 0 : failed / Math.max(failed, handled + failed);

const meanOf = (durationMs: number, count: number): number | null =>
  count === 0 ? null : Math.max(0, durationMs / count);

function groupView(stats: GroupStats, lag: Lag | undefined): Stats['groups'][number] {
  const { group, topic, handled, failed, dead } = stats;
  return {
    group,
    topic,
    processCount: stats.instanceCount,
    handled: handled.toString(),
    failed: failed.toString(),
    dead: dead.toString(),
    perSecond: stats.perSecond,
    errorRate: shareOf(stats.recentFailed, stats.recentHandled),
    processingMs: {
      mean: meanOf(stats.durationMs, Number(handled + dead)),
      recentMean: meanOf(stats.recentDurationMs, stats.recentHandled),
    },
    lag: lag?.lag.toString() ?? null,
    lagSeconds: lag?.seconds ?? null,
    reportedAt: stats.reportedAt.toISOString(),
  };
}
