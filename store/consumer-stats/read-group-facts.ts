import type { Queryable } from '../db.ts';

/** What the tables say of one event and one consumer group. */
export type GroupFacts = {
  group: string;
  /** What the group handles of the topic. */
  types: string[];
  handledAt: Date | null;
  parkedAt: Date | null;
  /** Failures so far, and the last one; 0 while something else was at fault. */
  attempt: { count: number; error: string; at: Date } | null;
  letter: {
    id: string;
    status: 'waiting' | 'redriven' | 'discarded';
    attempts: number;
    errorClass: string;
    errorMessage: string;
    at: Date;
  } | null;
};

type Row = Omit<GroupFacts, 'letter' | 'attempt'> & {
  failures: number | null;
  failure: string | null;
  failedAt: Date | null;
  id: string | null;
  status: 'waiting' | 'redriven' | 'discarded' | null;
  attempts: number | null;
  errorClass: string | null;
  errorMessage: string | null;
  at: Date | null;
};

/** For every group that has reported of the topic in the last month, or holds something of the event. */
export async function readGroupFacts(
  db: Queryable,
  event: { id: string; source: string; topic: string; partition: number; offset: bigint },
): Promise<GroupFacts[]> {
  const { rows } = await db.query<Row>(
    `SELECT g.consumer_group AS "group", g.types, i.handled_at AS "handledAt", p.parked_at AS "parkedAt", d.id, d.status,
       d.attempts, d.error_class AS "errorClass", d.error_message AS "errorMessage",
       coalesce(d.resolved_at, d.last_failed_at) AS at, a.attempts AS failures, a.error AS failure,
       a.failed_at AS "failedAt"
     FROM (
       SELECT consumer_group, array_agg(DISTINCT t.type) AS types
       FROM consumer_stats s CROSS JOIN LATERAL unnest(s.types) AS t(type)
       WHERE s.topic = $3 AND s.reported_at > now() - interval '30 days' GROUP BY 1
     ) AS g
     LEFT JOIN inbox i ON i.consumer_group = g.consumer_group AND i.source = $2 AND i.id = $1
     LEFT JOIN dead_letters d
       ON d.consumer_group = g.consumer_group AND d.topic = $3 AND d."partition" = $4 AND d."offset" = $5
     LEFT JOIN parked_events p
       ON p.consumer_group = g.consumer_group AND p.topic = $3 AND p."partition" = $4 AND p."offset" = $5
     LEFT JOIN event_attempts a
       ON a.consumer_group = g.consumer_group AND a.topic = $3 AND a."partition" = $4 AND a."offset" = $5
     ORDER BY 1`,
    [event.id, event.source, event.topic, event.partition, event.offset],
  );
  return rows.map(({ failures, failure, failedAt, ...row }) => ({
    ...row,
    attempt:
      failures === null || failedAt === null ? null : { count: failures, error: failure ?? '', at: failedAt },
    letter: letterOf(row),
  }));
}

function letterOf({ id, status, at, attempts, errorClass, errorMessage }: Pick<Row, LetterMember>) {
  if (id === null || status === null || at === null) return null;
  return {
    id,
    status,
    at,
    attempts: attempts ?? 0,
    errorClass: errorClass ?? '',
    errorMessage: errorMessage ?? '',
  };
}

type LetterMember = 'id' | 'status' | 'at' | 'attempts' | 'errorClass' | 'errorMessage';
