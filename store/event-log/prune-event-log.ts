import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/** Forgets where events published longer ago than `keepMs` stand in Kafka, which has let go of them too; answers how many. */
export const pruneEventLog = (
  db: Pick<Db, 'query'>,
  keepMs: number,
  options?: PruneOptions,
): Promise<number> =>
  deleteInBatches(
    db,
    {
      table: 'event_log',
      condition: "published_at < clock_timestamp() - $2 * interval '1 millisecond'",
      orderBy: 'published_at',
    },
    [keepMs],
    options,
  );
