import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/**
 * Forgets letters that were given up on and closed longer ago than `keepMs`, which is longer than Kafka keeps their records:
 * until then a letter keeps a record that is read again from its handler. One whose key is still parked stays, because by it
 * a redrive releases what waits behind.
 */
export const pruneLetters = (
  db: Pick<Db, 'query'>,
  keepMs: number,
  options?: PruneOptions,
): Promise<number> => {
  const old = `< now() - $2 * interval '1 millisecond'`;
  const condition = `status IN ('redriven', 'discarded') AND created_at ${old} AND resolved_at ${old}
    AND NOT EXISTS (SELECT FROM parked_keys k WHERE k.consumer_group = dead_letters.consumer_group
      AND k.topic = dead_letters.topic AND k.key = dead_letters.key)`;
  return deleteInBatches(db, { table: 'dead_letters', condition, orderBy: 'created_at' }, [keepMs], options);
};
