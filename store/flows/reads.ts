import type { Queryable } from '../db.ts';

export type FlowBucket = 'hour' | 'day';
export type FlowWindow = { from: Date; to: Date; bucket: FlowBucket; asset?: string };

/** What went through the accounts of one purpose, role and code in one bucket. */
export type Flow = {
  asset: string;
  start: Date;
  purpose: string;
  role: string;
  code: string;
  debited: bigint;
  credited: bigint;
  transferCount: bigint;
};
/** Who held how much when it was last measured within the bucket. */
export type Holdings = { asset: string; start: Date; holderCount: number; held: bigint; topDecile: bigint };

export type Flows = {
  /** The journal that the numbers reach. */
  foldedJournalId: bigint;
  assets: string[];
  /** What of each asset was in circulation when the window began. */
  supplies: ReadonlyMap<string, bigint>;
  flows: Flow[];
  holdings: Holdings[];
};

type Numeric<T, K extends keyof T> = { [P in keyof T]: P extends K ? string : T[P] };

/** Everything from the rollup; `from` and `to` stand at the edges of buckets. */
export async function readFlows(db: Queryable, { from, to, bucket, asset }: FlowWindow): Promise<Flows> {
  const one = asset ?? null;
  const [progress, supplies, flows, holdings] = await Promise.all([
    db.query<{ folded: bigint }>('SELECT folded_journal_id AS folded FROM flow_progress'),
    db.query<{ asset: string; supply: string }>(
      `SELECT s.code AS asset, coalesce(sum(f.debited - f.credited), 0)::text AS supply
       FROM assets s LEFT JOIN flow_hours f ON f.asset = s.code AND f.hour < $1 AND f.purpose IN ('source', 'sink')
       WHERE $2::text IS NULL OR s.code = $2 GROUP BY s.code ORDER BY s.code`,
      [from, one],
    ),
    db.query<Numeric<Flow, 'debited' | 'credited'>>(
      `SELECT asset, date_trunc($3, hour, 'UTC') AS start, purpose, role, code, sum(debited)::text AS debited,
         sum(credited)::text AS credited, sum(transfer_count)::bigint AS "transferCount"
       FROM flow_hours WHERE hour >= $1 AND hour < $2 AND ($4::text IS NULL OR asset = $4)
       GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
      [from, to, bucket, one],
    ),
    db.query<Numeric<Holdings, 'held' | 'topDecile'>>(
      `SELECT DISTINCT ON (asset, start) asset, date_trunc($3, hour, 'UTC') AS start, holder_count::int AS "holderCount",
         held::text AS held, top_decile::text AS "topDecile"
       FROM flow_holdings WHERE hour >= $1 AND hour < $2 AND ($4::text IS NULL OR asset = $4)
       ORDER BY asset, start, hour DESC`,
      [from, to, bucket, one],
    ),
  ]);
  return {
    foldedJournalId: progress.rows[0]?.folded ?? 0n,
    assets: supplies.rows.map((row) => row.asset),
    supplies: new Map(supplies.rows.map((row) => [row.asset, BigInt(row.supply)])),
    flows: flows.rows.map((row) => ({
      ...row,
      debited: BigInt(row.debited),
      credited: BigInt(row.credited),
    })),
    holdings: holdings.rows.map((row) => ({
      ...row,
      held: BigInt(row.held),
      topDecile: BigInt(row.topDecile),
    })),
  };
}
