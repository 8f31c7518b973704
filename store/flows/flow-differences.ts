import type { Queryable } from '../db.ts';
import { flowsOf } from './fold-sql.ts';

type Bucket = { asset: string; hour: Date; purpose: string; role: string; code: string };
type Sums = { debited: bigint; credited: bigint; transferCount: bigint };
/** A bucket in which the rollup and the journals disagree; null where one of them has nothing. */
export type FlowDifference = Bucket & { rollup: SumsView | null; journals: SumsView | null };
export type SumsView = { debited: string; credited: string; transferCount: string };

/** So many are summed by one statement, whose time is limited. */
const journalCountMax = 20_000n;

/**
 * Folds the journals of every hour since the one of the first journal after `sinceJournalId` again, and compares with what
 * the rollup says; `uptoJournalId` bounds what is new. Both are taken as far as the rollup is folded, so one that is merely
 * behind differs in nothing, and what is posted meanwhile does not matter. Empty: all agree.
 */
export async function flowDifferences(
  db: Queryable,
  uptoJournalId: bigint,
  sinceJournalId = 0n,
): Promise<FlowDifference[]> {
  const start = await startOf(db, uptoJournalId, sinceJournalId);
  if (start === null) return [];
  const again = new Map<string, Sums>();
  for (let from = start.after; from < start.folded; from += journalCountMax) {
    const to = from + journalCountMax < start.folded ? from + journalCountMax : start.folded;
    for (const row of await foldRun(db, from, to, start.since)) {
      const sums = again.get(nameOf(row)) ?? { debited: 0n, credited: 0n, transferCount: 0n };
      sums.debited += BigInt(row.debited);
      sums.credited += BigInt(row.credited);
      sums.transferCount += BigInt(row.transferCount);
      again.set(nameOf(row), sums);
    }
  }
  const rollup = new Map(start.rollup.map((row) => [nameOf(row), sumsOf(row)]));
  return [...new Set([...rollup.keys(), ...again.keys()])].toSorted().flatMap((name) => {
    const [kept, found] = [rollup.get(name), again.get(name)];
    const [a, b] = [kept ? viewOf(kept) : null, found ? viewOf(found) : null];
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ ...bucketOf(name), rollup: a, journals: b }];
  });
}

type Row = Bucket & SumsView;
type StoredRow = Omit<Row, 'hour'> & { hour: string };
type Start = { folded: bigint; since: string; after: bigint; rollup: Row[] };

const rowColumns = `asset, hour, purpose, role, code, debited::text, credited::text, transfer_count::text AS "transferCount"`;

/** How far the rollup is folded, and its hours from the first one to be checked on, as one snapshot. */
async function startOf(db: Queryable, upto: bigint, sinceId: bigint): Promise<Start | null> {
  const { rows } = await db.query<Omit<Start, 'rollup'> & { rollup: StoredRow[] | null }>(
    `WITH checked AS MATERIALIZED (
       SELECT folded_journal_id AS folded, CASE WHEN $2 = 0 THEN '-infinity'::timestamptz
         ELSE date_trunc('hour', (SELECT min(j.created_at) FROM journals j WHERE j.id > $2 AND j.id <= least($1, folded_journal_id)), 'UTC')
       END AS since
       FROM flow_progress
     )
     SELECT folded, since::text, CASE WHEN isfinite(since) THEN coalesce(last_journal_at(since - interval '1 minute'), 0) ELSE 0 END AS after,
       (SELECT jsonb_agg(h) FROM (SELECT ${rowColumns} FROM flow_hours WHERE hour >= since) h) AS rollup
     FROM checked WHERE since IS NOT NULL`,
    [upto, sinceId],
  );
  const [start] = rows;
  if (!start) return null;
  const rollup = (start.rollup ?? []).map((row) => ({ ...row, hour: new Date(row.hour) }));
  return { ...start, rollup };
}

async function foldRun(db: Queryable, from: bigint, to: bigint, since: string): Promise<Row[]> {
  const { rows } = await db.query<Row>(`SELECT ${rowColumns} FROM (${flowsOf('j.created_at >= $3')}) run`, [
    from,
    to,
    since,
  ]);
  return rows;
}

const nameOf = ({ asset, hour, purpose, role, code }: Bucket): string =>
  JSON.stringify([hour.toISOString(), asset, purpose, role, code]);

function bucketOf(name: string): Bucket {
  const [hour = '', asset = '', purpose = '', role = '', code = ''] = JSON.parse(name) as string[];
  return { asset, hour: new Date(hour), purpose, role, code };
}

const sumsOf = ({ debited, credited, transferCount }: SumsView): Sums => ({
  debited: BigInt(debited),
  credited: BigInt(credited),
  transferCount: BigInt(transferCount),
});
const viewOf = ({ debited, credited, transferCount }: Sums): SumsView => ({
  debited: String(debited),
  credited: String(credited),
  transferCount: String(transferCount),
});
