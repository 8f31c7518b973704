import { isLootError } from '../../domain/errors.ts';
import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import { skipJournalIds } from '../../store/epoch/raise-epoch.ts';
import { markReconciled } from '../../store/epoch/reconciled.ts';
import { erasePlayer } from '../../store/players/erase-player.ts';
import type { EventHandler } from '../consumer/handler.ts';
import { endLostStories } from './end-lost-stories.ts';
import { findLost } from './find-lost.ts';
import type { LookDeps, Lost } from './find-lost.ts';
import { readAgain } from './read-again.ts';
import { restoreResults } from './restore-results.ts';
import type { RestoredResults } from './restore-results.ts';
import { restartStories } from './restart-stories.ts';
import type { Restarted } from './restart-stories.ts';

export type ReconcileDeps = LookDeps & {
  temporal: Temporal;
  /** Whose groups read again from `sinceMs` on. */
  handlers: readonly EventHandler[];
  reviewLimitMs: number;
  actor: string;
};

export type Looked = { lost: Lost; matches: RestoredResults };
export type Reconciled = Looked & {
  erasedAgain: ErasedAgain;
  /** Stories that ran about what is lost. */
  endedCount: number;
  restarted: Restarted;
};

/**
 * Brings a restored database in line with Kafka and Temporal, which remember more than it does: names what of the lost past
 * is missing, puts told match results back, erases players again, ends and starts stories and has the consumer groups read
 * again. While no process runs. A run that broke off may be run again; one that ended must not be, for it ends open matches.
 */
export async function reconcile(deps: ReconcileDeps, sinceMs: number): Promise<Reconciled> {
  const { db, temporal } = deps;
  const { lost, matches } = await lookAgain(deps, sinceMs);
  await skipJournalIds(db, lost.lastJournalId);
  const erasedAgain = await eraseAgain(db, lost.erasures);
  const endedCount = await endLostStories(db, temporal);
  const restarted = await restartStories(db, temporal, deps);
  await readAgain(deps, sinceMs);
  await markReconciled(db, deps.actor);
  return { lost, matches, erasedAgain, endedCount, restarted };
}

/**
 * What may be done any number of times after `reconcile`, beside running processes: what is missing is counted again, and
 * results that could not come back do if they can now. No match is open any more that was told to have ended.
 */
export async function lookAgain(deps: LookDeps, sinceMs: number): Promise<Looked> {
  const [lost, matches] = await Promise.all([findLost(deps, sinceMs), restoreResults(deps, sinceMs)]);
  return { lost, matches };
}

/** `letterIds`: waiting dead letters that name one of the players, for an operator. */
type ErasedAgain = { playerCount: number; letterIds: string[] };

/** Who asked to be forgotten stays forgotten; a player the database does not know is. */
async function eraseAgain(db: Db, erasures: Lost['erasures']): Promise<ErasedAgain> {
  const again: ErasedAgain = { playerCount: 0, letterIds: [] };
  for (const erasure of erasures) {
    try {
      const { lettersToResolve } = await erasePlayer(db, erasure);
      again.playerCount += 1;
      again.letterIds.push(...lettersToResolve);
    } catch (error) {
      if (!(isLootError(error) && error.code === 'not_found')) throw error;
    }
  }
  return again;
}
