import type { Queryable } from '../db.ts';

/** One group's work on one topic: totals for ever, rates of the last report of those that report now. */
export type GroupStats = {
  group: string;
  topic: string;
  handled: bigint;
  failed: bigint;
  dead: bigint;
  durationMs: number;
  /** Processes that report now. */
  instanceCount: number;
  perSecond: number;
  recentHandled: number;
  recentFailed: number;
  recentDurationMs: number;
  lagSeconds: number | null;
  reportedAt: Date;
};

/** Six reports missed in a row. */
const freshFor = '30 seconds';

export async function readGroupStats(db: Queryable): Promise<GroupStats[]> {
  const { rows } = await db.query<GroupStats>(
    `SELECT consumer_group AS "group", topic, sum(handled)::bigint AS handled, sum(failed)::bigint AS failed,
       sum(dead)::bigint AS dead, sum(duration_ms_sum) AS "durationMs",
       count(*) FILTER (WHERE fresh)::int AS "instanceCount",
       coalesce(sum(sample_handled * 1000 / nullif(sample_ms, 0)) FILTER (WHERE fresh), 0)::float8 AS "perSecond",
       coalesce(sum(sample_handled) FILTER (WHERE fresh), 0)::float8 AS "recentHandled",
       coalesce(sum(sample_failed) FILTER (WHERE fresh), 0)::float8 AS "recentFailed",
       coalesce(sum(sample_duration_ms_sum) FILTER (WHERE fresh), 0)::float8 AS "recentDurationMs",
       max(lag_seconds) FILTER (WHERE fresh) AS "lagSeconds", max(reported_at) AS "reportedAt"
     FROM (SELECT *, instance <> '' AND reported_at > clock_timestamp() - interval '${freshFor}' AS fresh
       FROM consumer_stats) AS s
     GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows;
}

export type PlatformCounts = {
  ownTopics: number;
  subscriptions: Record<'active' | 'paused' | 'disabled', number>;
  deadLettersWaiting: number;
  parkedKeys: number;
};

export async function readPlatformCounts(db: Queryable): Promise<PlatformCounts> {
  const { rows } = await db.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM own_topics) AS own,
       count(*) FILTER (WHERE state = 'active')::int AS active, count(*) FILTER (WHERE state = 'paused')::int AS paused,
       count(*) FILTER (WHERE state = 'disabled')::int AS disabled,
       (SELECT count(*)::int FROM dead_letters WHERE status = 'waiting') AS waiting,
       (SELECT count(*)::int FROM parked_keys) AS parked
     FROM subscriptions WHERE deleted_at IS NULL`,
  );
  const { own = 0, active = 0, paused = 0, disabled = 0, waiting = 0, parked = 0 } = rows[0] ?? {};
  return {
    ownTopics: own,
    subscriptions: { active, paused, disabled },
    deadLettersWaiting: waiting,
    parkedKeys: parked,
  };
}
