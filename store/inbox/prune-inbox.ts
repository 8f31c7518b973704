import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/**
 * Forgets which events were handled longer ago than `keepMs`, and answers how many. Consumers refuse what is as old, so
 * nothing is handled twice. An event whose dead letter still waits, or that is parked, is remembered: a redrive may come at
 * any age, and its effect may stand already.
 */
export const pruneInbox = (db: Pick<Db, 'query'>, keepMs: number, options?: PruneOptions): Promise<number> =>
  deleteInBatches(
    db,
    {
      table: 'inbox',
      condition: `handled_at < clock_timestamp() - $2 * interval '1 millisecond'
        AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.status = 'waiting'
          AND d.consumer_group = inbox.consumer_group AND d.event_source = inbox.source AND d.event_id = inbox.id)
        AND NOT EXISTS (SELECT FROM parked_events p
          WHERE p.consumer_group = inbox.consumer_group AND p.event_source = inbox.source AND p.event_id = inbox.id)`,
      orderBy: 'handled_at',
    },
    [keepMs],
    options,
  );
