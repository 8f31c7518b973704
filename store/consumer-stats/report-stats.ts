import type { Db } from '../db.ts';

/** What one process did for a group since its last report. */
export type StatsReport = {
  group: string;
  topic: string;
  types: readonly string[];
  handled: number;
  failed: number;
  dead: number;
  durationMs: number;
  lagSeconds: number | null;
};

/** An instance that has not reported for longer is gone; what it did is kept under no instance's name. */
const goneAfter = '10 minutes';

/** Adds what an instance did in the last `sampleMs`. */
export async function reportStats(
  db: Pick<Db, 'query'>,
  instance: string,
  sampleMs: number,
  reports: readonly StatsReport[],
): Promise<void> {
  await db.query({
    name: 'report_consumer_stats',
    text: `
      INSERT INTO consumer_stats AS s (consumer_group, topic, instance, types, handled, failed, dead, duration_ms_sum,
        sample_ms, sample_handled, sample_failed, sample_duration_ms_sum, lag_seconds)
      SELECT r."group", r.topic, $1, r.types::text[], r.handled, r.failed, r.dead, r.duration, $2, r.handled, r.failed,
        r.duration, r.lag
      FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::float8[], $10::float8[])
        AS r("group", topic, types, handled, failed, dead, duration, lag)
      ON CONFLICT (consumer_group, topic, instance) DO UPDATE SET types = excluded.types,
        handled = s.handled + excluded.handled, failed = s.failed + excluded.failed, dead = s.dead + excluded.dead,
        duration_ms_sum = s.duration_ms_sum + excluded.duration_ms_sum, sample_ms = excluded.sample_ms,
        sample_handled = excluded.sample_handled, sample_failed = excluded.sample_failed,
        sample_duration_ms_sum = excluded.sample_duration_ms_sum, lag_seconds = excluded.lag_seconds,
        reported_at = clock_timestamp()`,
    values: [
      instance,
      sampleMs,
      reports.map(({ group }) => group),
      reports.map(({ topic }) => topic),
      reports.map(({ types }) => `{${types.join(',')}}`),
      reports.map(({ handled }) => handled),
      reports.map(({ failed }) => failed),
      reports.map(({ dead }) => dead),
      reports.map(({ durationMs }) => durationMs),
      reports.map(({ lagSeconds }) => lagSeconds),
    ],
  });
}

/** Longer than nearly every topic keeps its events. */
const attemptsKeptFor = '30 days';

/** Adds up what instances did that are gone, so that totals outlive processes and rows do not pile up. */
export async function foldStats(db: Pick<Db, 'query'>): Promise<void> {
  await db.query(
    `DELETE FROM event_attempts WHERE failed_at < clock_timestamp() - interval '${attemptsKeptFor}'`,
  );
  await db.query(`
    WITH gone AS (
      DELETE FROM consumer_stats WHERE instance <> '' AND reported_at < clock_timestamp() - interval '${goneAfter}'
      RETURNING *
    ), named AS (
      SELECT consumer_group, topic, array_agg(DISTINCT t.type) AS types
      FROM gone CROSS JOIN LATERAL unnest(gone.types) AS t(type) GROUP BY 1, 2
    )
    INSERT INTO consumer_stats AS s (consumer_group, topic, instance, types, handled, failed, dead, duration_ms_sum,
      sample_ms, sample_handled, sample_failed, sample_duration_ms_sum, reported_at)
    SELECT g.consumer_group, g.topic, '', n.types, sum(g.handled), sum(g.failed), sum(g.dead), sum(g.duration_ms_sum),
      0, 0, 0, 0, max(g.reported_at)
    FROM gone g JOIN named n USING (consumer_group, topic) GROUP BY 1, 2, 4
    ON CONFLICT (consumer_group, topic, instance) DO UPDATE SET types = excluded.types,
      handled = s.handled + excluded.handled, failed = s.failed + excluded.failed, dead = s.dead + excluded.dead,
      duration_ms_sum = s.duration_ms_sum + excluded.duration_ms_sum,
      reported_at = greatest(s.reported_at, excluded.reported_at)`);
}
