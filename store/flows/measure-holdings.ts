import type { Db } from '../db.ts';

const freshMsDefault = 300_000;
/** Shorter than a measure is fresh, so that a slow one is over before the next begins. */
const statementMsMax = 240_000;

type Holding = { asset: string; holderCount: bigint; held: string; topDecile: string };

/**
 * Measures who holds how much of each asset now: players with something in their wallet, what they have together, and what
 * the richest tenth of them has. The last one of an hour stays. It reads every wallet, so one process does it while a
 * measure is fresh, in as much time as it takes, and one that failed is not tried again before. Answers how many assets
 * were measured.
 */
export async function measureHoldings(db: Db, freshMs = freshMsDefault): Promise<number> {
  if (!(await claim(db, freshMs))) return 0;
  const holdings = await readHoldings(db);
  await db.query(
    `INSERT INTO flow_holdings (asset, hour, holder_count, held, top_decile, measured_at)
     SELECT asset, date_trunc('hour', now(), 'UTC'), holder_count, held, top_decile, now()
     FROM unnest($1::text[], $2::bigint[], $3::numeric[], $4::numeric[]) AS h(asset, holder_count, held, top_decile)
     ORDER BY asset
     ON CONFLICT (asset, hour) DO UPDATE SET holder_count = excluded.holder_count, held = excluded.held,
       top_decile = excluded.top_decile, measured_at = excluded.measured_at`,
    [
      holdings.map(({ asset }) => asset),
      holdings.map(({ holderCount }) => holderCount),
      holdings.map(({ held }) => held),
      holdings.map(({ topDecile }) => topDecile),
    ],
  );
  return holdings.length;
}

/** Committed before anything is read: of several processes one has it, and has it for that long also when it fails. */
async function claim(db: Db, freshMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE flow_measures SET begun_at = clock_timestamp()
     WHERE begun_at IS NULL OR begun_at <= clock_timestamp() - $1 * interval '1 millisecond'`,
    [freshMs],
  );
  return rowCount === 1;
}

/** Reads alone: nothing waits for it, however long it takes. */
const readHoldings = (db: Db): Promise<Holding[]> =>
  db.transaction(async (tx) => {
    await tx.query('SET TRANSACTION READ ONLY');
    await tx.query(`SET LOCAL transaction_timeout = 0; SET LOCAL statement_timeout = ${statementMsMax}`);
    const { rows } = await tx.query<Holding>(
      `SELECT s.code AS asset, count(w.balance) AS "holderCount", coalesce(sum(w.balance), 0)::text AS held,
         coalesce(sum(w.balance) FILTER (WHERE w.place <= ceil(w.holders / 10.0)), 0)::text AS "topDecile"
       FROM assets s LEFT JOIN (
         SELECT asset, balance, row_number() OVER (PARTITION BY asset ORDER BY balance DESC) AS place,
           count(*) OVER (PARTITION BY asset) AS holders
         FROM (SELECT asset, (credits_posted - debits_posted)::numeric AS balance FROM accounts WHERE purpose = 'wallet') b
         WHERE balance > 0
       ) w ON w.asset = s.code
       GROUP BY s.code`,
    );
    return rows;
  }, statementMsMax);
