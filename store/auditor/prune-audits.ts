import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/** Forgets audits of long ago; what they found stays in `findings`. */
export const pruneAudits = (db: Pick<Db, 'query'>, keepMs: number, options?: PruneOptions): Promise<number> =>
  deleteInBatches(
    db,
    {
      table: 'audits',
      condition: `started_at < now() - $2 * interval '1 millisecond'`,
      orderBy: 'started_at',
    },
    [keepMs],
    options,
  );
