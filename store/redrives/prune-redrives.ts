import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/** Forgets redrives that ended long ago, and before them the letters they were about; the dead letters themselves stay. */
export async function pruneRedrives(
  db: Pick<Db, 'query'>,
  keepMs: number,
  options?: PruneOptions,
): Promise<number> {
  const old = `ended_at < now() - $2 * interval '1 millisecond'`;
  await deleteInBatches(
    db,
    {
      table: 'redrive_letters',
      condition: `redrive_id IN (SELECT id FROM redrives WHERE ${old})`,
      orderBy: 'redrive_id',
    },
    [keepMs],
    options,
  );
  return deleteInBatches(
    db,
    {
      table: 'redrives',
      condition: `${old} AND NOT EXISTS (SELECT FROM redrive_letters l WHERE l.redrive_id = id)`,
      orderBy: 'ended_at',
    },
    [keepMs],
    options,
  );
}
