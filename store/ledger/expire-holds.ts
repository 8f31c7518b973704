import type { Db } from '../db.ts';
import { expiryOf } from './expiry.ts';
import { postBatch } from './post-journals.ts';

/**
 * Voids up to `limit` holds whose expiry has passed by the database's clock, and answers how many. The hold of a trade that
 * is still open is left to the trade, whatever the clock says.
 */
export async function expireHolds(
  db: Db,
  { limit = 500, actor = 'system:sweep' }: { limit?: number; actor?: string } = {},
): Promise<number> {
  const { rows } = await db.query<{ id: bigint; key: string; index: number }>(
    `SELECT t.id, j.key, t.index FROM transfers t JOIN journals j ON j.id = t.journal_id
     WHERE t.state = 'pending' AND t.expires_at <= clock_timestamp()
       AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.id)
       AND NOT EXISTS (SELECT 1 FROM trades x WHERE j.kind = 'trade_hold' AND x.id::text = split_part(j.key, ':', 2) AND x.ended_at IS NULL)
     ORDER BY t.expires_at, t.id LIMIT $1`,
    [limit],
  );
  const answers = await postBatch(
    db,
    rows.map(({ id, key, index }) => ({ journal: expiryOf(id, { key, index }, actor), context: {} })),
  );
  return answers.filter(({ result }) => result === 'ok').length;
}
