import type { ReplayFailure } from '../../domain/replays/types.ts';
import type { Queryable } from '../db.ts';

/** One partition's step, and what became of the events in it. */
export type ReplayStep = {
  partition: number;
  expectedOffset: bigint;
  nextOffset: bigint;
  matchedCount: number;
  handledCount: number;
  duplicateCount: number;
  failures: readonly ReplayFailure[];
  failedCount: number;
};

const sampleCountMax = 20;

/**
 * Moves a replay on in one partition; what was at hand when it was paused still counts. False, and nothing is moved, when it
 * is over, or when another worker has moved it: whoever is told so in a transaction of effects rolls them back.
 */
export async function advanceReplay(on: Queryable, replayId: string, step: ReplayStep): Promise<boolean> {
  const { rowCount } = await on.query({
    name: 'advance_replay',
    text: `UPDATE replay_positions p SET next_offset = $4, matched_count = matched_count + $5,
        handled_count = handled_count + $6, duplicate_count = duplicate_count + $7, failed_count = failed_count + $8
      WHERE replay_id = $1 AND "partition" = $2 AND next_offset = $3
        AND EXISTS (SELECT FROM replays r WHERE r.id = $1 AND r.state IN ('running', 'paused'))`,
    values: [
      replayId,
      step.partition,
      step.expectedOffset,
      step.nextOffset,
      step.matchedCount,
      step.handledCount,
      step.duplicateCount,
      step.failedCount,
    ],
  });
  if (rowCount !== 1) return false;
  if (step.failures.length > 0)
    await on.query(
      `UPDATE replays SET failures = failures || $2::jsonb
       WHERE id = $1 AND jsonb_array_length(failures) < ${sampleCountMax}`,
      [replayId, JSON.stringify(step.failures.slice(0, sampleCountMax))],
    );
  return true;
}
