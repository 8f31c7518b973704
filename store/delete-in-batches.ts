import type { Db } from './db.ts';

export type PruneOptions = {
  /** Rows per statement: small enough to end well within a transaction's time. */
  batchCountMax?: number;
  /** Ends between two batches. */
  signal?: AbortSignal;
};

const defaultBatchCountMax = 10_000;

/**
 * Repeats a DELETE that picks its rows with `SELECT ctid … WHERE <condition>` until a batch is not full, and answers how
 * many rows went. Rows another process is deleting are left to it, so every process may prune. `condition` is SQL of the
 * calling verb, with its values from `$2` on.
 */
export async function deleteInBatches(
  db: Pick<Db, 'query'>,
  { table, condition, orderBy }: { table: string; condition: string; orderBy: string },
  values: readonly unknown[],
  { batchCountMax = defaultBatchCountMax, signal }: PruneOptions = {},
): Promise<number> {
  let deletedCount = 0;
  while (signal?.aborted !== true) {
    const { rowCount } = await db.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${condition} ORDER BY ${orderBy} LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [batchCountMax, ...values],
    );
    deletedCount += rowCount ?? 0;
    if ((rowCount ?? 0) < batchCountMax) break;
  }
  return deletedCount;
}
