import type { Queryable } from '../db.ts';

const freshMsDefault = 300_000;

/**
 * Measures who holds how much of each asset now: players with something in their wallet, what they have together, and what
 * the richest tenth of them has. It reads every wallet, so it is skipped while a measure of this hour is fresh; the last
 * one of an hour stays. Answers how many assets were measured.
 */
export async function measureHoldings(db: Queryable, freshMs = freshMsDefault): Promise<number> {
  const { rowCount } = await db.query(
    `INSERT INTO flow_holdings AS h (asset, hour, holder_count, held, top_decile, measured_at)
     SELECT s.code, date_trunc('hour', now(), 'UTC'), count(w.balance), coalesce(sum(w.balance), 0),
       coalesce(sum(w.balance) FILTER (WHERE w.place <= ceil(w.holders / 10.0)), 0), now()
     FROM assets s LEFT JOIN (
       SELECT asset, balance, row_number() OVER (PARTITION BY asset ORDER BY balance DESC) AS place,
         count(*) OVER (PARTITION BY asset) AS holders
       FROM (SELECT asset, (credits_posted - debits_posted)::numeric AS balance FROM accounts WHERE purpose = 'wallet') b
       WHERE balance > 0
     ) w ON w.asset = s.code
     WHERE NOT EXISTS (
       SELECT 1 FROM flow_holdings f
       WHERE f.hour = date_trunc('hour', now(), 'UTC') AND f.measured_at > now() - $1 * interval '1 millisecond')
     GROUP BY s.code ORDER BY s.code
     ON CONFLICT (asset, hour) DO UPDATE SET holder_count = excluded.holder_count, held = excluded.held,
       top_decile = excluded.top_decile, measured_at = excluded.measured_at`,
    [freshMs],
  );
  return rowCount ?? 0;
}
