import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import { moveState } from './decide-replay.ts';
import { findReplay } from './reads.ts';
import type { Replay } from './reads.ts';

const actor = 'system:replays';

/** Ends a replay that has read its window, or that cannot go on, saying why; one that is over stays as it is. */
export function finishReplay(
  db: Db,
  replayId: string,
  end: { state: 'completed' } | { state: 'failed'; reason: string },
  context: EventContext = {},
): Promise<Replay> {
  const reason = end.state === 'failed' ? end.reason : null;
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE replays SET ${moveState}, reason = $3
       WHERE id = $1 AND (state = 'running' OR ($2 = 'failed' AND state IN ('pinning', 'paused')))`,
      [replayId, end.state, reason],
    );
    const replay = await findReplay(tx, replayId);
    if (replay === null) throw new LootError('not_found', `There is no replay ${replayId}.`);
    if (rowCount === 1) {
      const { matchedCount, handledCount, failedCount, duplicateCount } = replay;
      const detail = { reason, matchedCount, handledCount, failedCount, duplicateCount };
      await appendAudit(tx, { actor, action: `replay.${end.state}`, target: replayId, detail }, context);
    }
    return replay;
  });
}

/** The inbox of a replay that is over is nobody's business any more. */
export const forgetSeen = (db: Db, replayId: string): Promise<number> =>
  deleteInBatches(
    db,
    { table: 'replay_seen', condition: 'replay_id = $2', orderBy: 'event_key' },
    [replayId],
    { batchCountMax: 50_000 },
  );
