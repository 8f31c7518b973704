import type {
  ClawbackReport,
  ClawbackSelection,
  ClawbackState,
  ClawbackTotals,
} from '../../domain/clawback/types.ts';
import type { Queryable } from '../db.ts';

export type ClawbackResult = ClawbackTotals & { reversedBeforeCount: number };

/** `reportHash` is what an approval names. `result` stands when it is completed. */
export type Clawback = {
  clawbackId: string;
  selection: ClawbackSelection;
  reason: string;
  requestedBy: string;
  state: ClawbackState;
  report: ClawbackReport | null;
  reportHash: string | null;
  approvedBy: string | null;
  approvedHash: string | null;
  result: ClawbackResult | null;
  expiresAt: Date;
  /** Until then, by the database's clock. */
  leftMs: number;
  endedAt: Date | null;
  createdAt: Date;
  /** Grants that are dealt with so far. */
  reversedCount: number;
};

export const clawbackColumns = `id AS "clawbackId", selection, reason, requested_by AS "requestedBy", state, report,
  report_hash AS "reportHash", approved_by AS "approvedBy", approved_hash AS "approvedHash", result,
  expires_at AS "expiresAt", ceil(greatest(0, extract(epoch FROM expires_at - clock_timestamp())) * 1000)::float8 AS "leftMs", ended_at AS "endedAt", created_at AS "createdAt",
  (SELECT count(*)::int FROM clawback_lines l WHERE l.clawback_id = clawbacks.id) AS "reversedCount"`;

export async function readClawback(on: Queryable, clawbackId: string): Promise<Clawback | null> {
  const { rows } = await on.query<Clawback>(`SELECT ${clawbackColumns} FROM clawbacks WHERE id = $1`, [
    clawbackId,
  ]);
  return rows[0] ?? null;
}

/** Newest first; `after` is the last clawback of the page before. */
export async function readClawbacks(
  on: Queryable,
  page: { limit: number; after?: Pick<Clawback, 'clawbackId'> },
): Promise<Clawback[]> {
  const { rows } = await on.query<Clawback>(
    `SELECT ${clawbackColumns} FROM clawbacks
     WHERE $1::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM clawbacks WHERE id = $1)
     ORDER BY clawbacks.created_at DESC, id DESC LIMIT $2`,
    [page.after?.clawbackId ?? null, page.limit],
  );
  return rows;
}

/** Up to `limit` grants of the clawback that no clawback has taken back, by journal id. */
export async function readOpenTargets(
  on: Queryable,
  clawbackId: string,
  { after, limit }: { after: bigint; limit: number },
): Promise<bigint[]> {
  const { rows } = await on.query<{ id: bigint }>(
    `SELECT t.journal_id AS id FROM clawback_targets t
     WHERE t.clawback_id = $1 AND t.journal_id > $2
       AND NOT EXISTS (SELECT 1 FROM clawback_lines l WHERE l.journal_id = t.journal_id)
     ORDER BY t.journal_id LIMIT $3`,
    [clawbackId, after, limit],
  );
  return rows.map(({ id }) => id);
}

/** How many grants are selected, whoever took them back; they only become more, until the reversal begins. */
export async function countTargets(on: Queryable, clawbackId: string): Promise<number> {
  const { rows } = await on.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM clawback_targets WHERE clawback_id = $1',
    [clawbackId],
  );
  return rows[0]?.count ?? 0;
}

/** How many of the selected grants another clawback took back. */
export async function countReversedBefore(on: Queryable, clawbackId: string): Promise<number> {
  const { rows } = await on.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM clawback_targets t JOIN clawback_lines l ON l.journal_id = t.journal_id
     WHERE t.clawback_id = $1 AND l.clawback_id <> $1`,
    [clawbackId],
  );
  return rows[0]?.count ?? 0;
}
