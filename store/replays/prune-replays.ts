import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/** Its own story forgets the inbox at once; this is for one that never came to it. */
const seenKeepMs = 3_600_000;

/**
 * Forgets replays that ended long ago, and before them what hangs on them.
 */
export async function pruneReplays(
  db: Pick<Db, 'query'>,
  keepMs: number,
  options?: PruneOptions,
): Promise<{ replays: number; replaySeen: number }> {
  const old = `ended_at < now() - $2 * interval '1 millisecond'`;
  const ofOld = `replay_id IN (SELECT id FROM replays WHERE ${old})`;
  const replaySeen = await deleteInBatches(
    db,
    { table: 'replay_seen', condition: ofOld, orderBy: 'replay_id' },
    [seenKeepMs],
    options,
  );
  await deleteInBatches(
    db,
    { table: 'replay_positions', condition: ofOld, orderBy: 'replay_id' },
    [keepMs],
    options,
  );
  const replays = await deleteInBatches(
    db,
    {
      table: 'replays',
      condition: `${old} AND NOT EXISTS (SELECT FROM replay_positions p WHERE p.replay_id = id)`,
      orderBy: 'ended_at',
    },
    [keepMs],
    options,
  );
  return { replays, replaySeen };
}
