import type { Db } from '../db.ts';
import type { PruneOptions } from '../delete-in-batches.ts';
import { deleteInBatches } from '../delete-in-batches.ts';

const abandoned = "status = 'staging' AND created_at < clock_timestamp() - interval '1 day'";

/** Uploads that broke off and were never sent again: nothing of them was posted, and they name players. */
export async function pruneImports(db: Db, options?: PruneOptions): Promise<number> {
  await deleteInBatches(
    db,
    {
      table: 'import_lines',
      condition: `import_id IN (SELECT id FROM imports WHERE ${abandoned})`,
      orderBy: 'import_id, line',
    },
    [],
    options,
  );
  return deleteInBatches(db, { table: 'imports', condition: abandoned, orderBy: 'created_at' }, [], options);
}
