import { playerHolder } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';

/** Where a page of changes ended: only journals before `journalId`, whose wallet transfers have ids up to `transferId`. */
export type ChangesAfter = { journalId: bigint; transferId: bigint };
type Line = { list: string; id: bigint; journalId: bigint };

const bigintMax = 9_223_372_036_854_775_807n;

/**
 * The player's newest journals up to `last`, and where the next page goes on (null: nowhere). Each account's side and the
 * items are a list of their own with an index; one page takes the newest of all of them. In a wallet ids of transfers rise
 * with ids of journals, so `transferId` lets the next page start there instead of reading past everything newer.
 *
 * An account is asked for as a range of one: its order is then that of the (account, id) index and of no other. As an
 * equality, an account that rarely gives made the planner search the whole primary key for its next transfer.
 */
export async function findChanges(
  db: Queryable,
  playerId: string,
  { last, after, limit }: { last: bigint; after?: ChangesAfter; limit: number },
): Promise<{ journalIds: bigint[]; next: ChangesAfter | null }> {
  const start = after ?? { journalId: last + 1n, transferId: bigintMax };
  const { rows } = await db.query<Line>(
    `WITH own AS MATERIALIZED (SELECT id, live FROM accounts WHERE holder = $1)
     SELECT 'debit ' || o.id AS list, t.id, t.journal_id AS "journalId" FROM own o CROSS JOIN LATERAL (
       SELECT id, journal_id FROM transfers
       WHERE debit_account_id >= o.id AND (debit_account_id, id) <= (o.id, $3) AND journal_id < $2
       ORDER BY debit_account_id DESC, id DESC LIMIT $4
     ) t WHERE o.live
     UNION ALL
     SELECT 'credit ' || o.id, t.* FROM own o CROSS JOIN LATERAL (
       SELECT id, journal_id FROM transfers
       WHERE credit_account_id >= o.id AND (credit_account_id, id) <= (o.id, $3) AND journal_id < $2
       ORDER BY credit_account_id DESC, id DESC LIMIT $4
     ) t WHERE o.live
     UNION ALL
     SELECT 'unlocked ' || o.id, 0, t.journal_id FROM own o CROSS JOIN LATERAL (
       SELECT journal_id FROM transfers WHERE (debit_account_id = o.id OR credit_account_id = o.id) AND journal_id < $2
       ORDER BY journal_id DESC LIMIT $4
     ) t WHERE NOT o.live
     UNION ALL
     (SELECT 'received', 0, journal_id FROM item_movements WHERE to_owner = $1 AND journal_id < $2 ORDER BY journal_id DESC LIMIT $4)
     UNION ALL
     (SELECT 'given', 0, journal_id FROM item_movements WHERE from_owner = $1 AND journal_id < $2 ORDER BY journal_id DESC LIMIT $4)`,
    [playerHolder(playerId), start.journalId, start.transferId, limit + 1],
  );
  const full = [...Map.groupBy(rows, ({ list }) => list).values()].filter(({ length }) => length > limit);
  // below the end of a list that goes on, another list's journals are not the next ones
  const horizon = full.reduce((highest, lines) => max(highest, lowestJournal(lines)), 0n);
  const known = [...new Set(rows.map(({ journalId }) => journalId))]
    .filter((journalId) => journalId >= horizon)
    .toSorted((a, b) => (a < b ? 1 : -1));
  const journalIds = known.slice(0, limit);
  const end = journalIds.at(-1);
  const more = full.length > 0 || known.length > limit;
  if (!more || end === undefined) return { journalIds, next: null };
  const unseen = rows.filter(({ journalId }) => journalId < end).map(({ id }) => id);
  const beyond = full.map((lines) =>
    lines.reduce((lowest, { id }) => (id < lowest ? id : lowest), bigintMax),
  );
  return { journalIds, next: { journalId: end, transferId: [...unseen, ...beyond].reduce(max, 0n) } };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const lowestJournal = (lines: readonly Line[]): bigint =>
  lines.reduce((lowest, { journalId }) => (journalId < lowest ? journalId : lowest), bigintMax);
