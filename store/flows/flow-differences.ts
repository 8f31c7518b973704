import type { Queryable } from '../db.ts';
import { flowsOf } from './fold-sql.ts';

/** A bucket in which the rollup and the journals disagree; null where one of them has nothing. */
export type FlowDifference = {
  asset: string;
  hour: Date;
  purpose: string;
  role: string;
  code: string;
  rollup: FlowSums | null;
  journals: FlowSums | null;
};
export type FlowSums = { debited: string; credited: string; transferCount: string };

/**
 * Folds the journals of every hour that has a journal in (`sinceJournalId`, `uptoJournalId`] again and compares with what
 * the rollup says, both as far as the rollup is folded: one that is merely behind differs in nothing. Empty: all agree.
 */
export async function flowDifferences(
  db: Queryable,
  uptoJournalId: bigint,
  sinceJournalId = 0n,
): Promise<FlowDifference[]> {
  const { rows } = await db.query<FlowDifference>(
    `WITH checked AS MATERIALIZED (
       SELECT folded_journal_id AS folded,
         coalesce((SELECT date_trunc('hour', min(j.created_at), 'UTC') FROM journals j WHERE j.id > $2 AND j.id <= least($1, folded_journal_id)),
           CASE WHEN $2 = 0 THEN '-infinity'::timestamptz ELSE 'infinity' END) AS since
       FROM flow_progress
     ), bounds AS MATERIALIZED (
       SELECT folded, since,
         CASE WHEN isfinite(since) THEN coalesce(last_journal_at(since - interval '1 minute'), 0) ELSE 0 END AS after
       FROM checked
     ), again AS (
       ${flowsOf(`j.id > (SELECT after FROM bounds) AND j.id <= (SELECT folded FROM bounds)
         AND j.created_at >= (SELECT since FROM bounds)`)}
     ), kept AS (
       SELECT * FROM flow_hours WHERE hour >= (SELECT since FROM bounds)
     )
     SELECT asset, hour, purpose, role, code,
       CASE WHEN k.debited IS NOT NULL THEN jsonb_build_object('debited', k.debited::text, 'credited', k.credited::text,
         'transferCount', k.transfer_count::text) END AS rollup,
       CASE WHEN g.debited IS NOT NULL THEN jsonb_build_object('debited', g.debited::text, 'credited', g.credited::text,
         'transferCount', g.transfer_count::text) END AS journals
     FROM kept k FULL JOIN again g USING (asset, hour, purpose, role, code)
     WHERE (k.debited, k.credited, k.transfer_count) IS DISTINCT FROM (g.debited, g.credited, g.transfer_count)
     ORDER BY hour, asset, purpose, role, code`,
    [uptoJournalId, sinceJournalId],
  );
  return rows;
}
