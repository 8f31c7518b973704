import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

const keepMs = 86_400_000;

/**
 * Forgets replies after a day and answers how many. A later retry acts again under the same derived ids and meets what is
 * already there.
 */
export const pruneKeys = (db: Pick<Db, 'query'>, options?: PruneOptions): Promise<number> =>
  deleteInBatches(
    db,
    {
      table: 'idempotency_keys',
      condition: `created_at < clock_timestamp() - $2 * interval '1 millisecond'
        AND (lease_until IS NULL OR lease_until < clock_timestamp())`,
      orderBy: 'created_at',
    },
    [keepMs],
    options,
  );
