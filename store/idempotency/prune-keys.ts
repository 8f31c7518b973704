import type { Db } from '../db.ts';

const keepMs = 86_400_000;
const rowCountMax = 10_000;

/**
 * Forgets replies after a day. A later retry acts again under the same derived ids and meets what is already there.
 * Answers how many rows went; `rowCountMax` says that there may be more.
 */
export async function pruneKeys(db: Pick<Db, 'query'>): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM idempotency_keys
       WHERE created_at < clock_timestamp() - $1 * interval '1 millisecond' AND (lease_until IS NULL OR lease_until < clock_timestamp())
       ORDER BY created_at LIMIT $2))`,
    [keepMs, rowCountMax],
  );
  return rowCount ?? 0;
}
