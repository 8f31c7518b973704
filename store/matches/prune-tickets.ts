import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/** Deletes tickets whose time was up a day ago, used or not, and answers how many. */
export const pruneTickets = (db: Pick<Db, 'query'>, options?: PruneOptions): Promise<number> =>
  deleteInBatches(
    db,
    {
      table: 'tickets',
      condition: "expires_at < clock_timestamp() - interval '1 day'",
      orderBy: 'expires_at',
    },
    [],
    options,
  );
