import { isLootError } from '../../domain/errors.ts';
import { recordRefusedResults, recordUnreadable } from '../../store/epoch/not-put-back.ts';
import type { RefusedMatch } from '../../store/epoch/not-put-back.ts';
import { restoreResult } from '../../store/matches/restore-result.ts';
import type { LookDeps } from './find-lost.ts';
import { readOldEpochs } from './read-old-epochs.ts';

export type RestoredResults = {
  restored: string[];
  /** Results that cannot come back, and why. */
  refused: RefusedMatch[];
  unreadableCount: number;
};

/** Puts told match results back that the database does not know. What cannot be put back is a finding. */
export async function restoreResults(deps: LookDeps, sinceMs: number): Promise<RestoredResults> {
  const { db, origin } = deps;
  const restored: string[] = [];
  const refused: RefusedMatch[] = [];
  const { unreadableCount } = await readOldEpochs(deps, 'game.match.finished.v1', sinceMs, async (events) => {
    for (const { id, data } of events) {
      const { matchId } = data;
      try {
        if (await restoreResult(db, data, { causationId: id })) restored.push(matchId);
      } catch (error) {
        if (!isLootError(error)) throw error;
        refused.push({ matchId, reason: error.message });
      }
    }
  });
  await recordRefusedResults(db, { restored, refused });
  await recordUnreadable(db, origin.ledgerEpoch, { 'game.match': unreadableCount });
  return { restored, refused, unreadableCount };
}
