import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import { readUnfinished } from '../../store/epoch/unfinished.ts';
import { voidMatch } from '../../store/matches/void-match.ts';
import {
  clawbackStart,
  importStart,
  rewardGrantStart,
  taskQueues,
  tradeStart,
  workflowIds,
} from '../../workflows/messages.ts';
import { terminate } from './end-lost-stories.ts';

export type Restarted = {
  rewards: number;
  trades: number;
  matches: number;
  clawbacks: number;
  imports: number;
};

/**
 * The ledger's keys guard against doing anything twice, so a story that Temporal holds for done may run again. One that still
 * runs may be past a step that the database has forgotten: it makes room for a run that looks at every row anew.
 */
const again = {
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  workflowIdConflictPolicy: 'TERMINATE_EXISTING',
} as const;

/**
 * Brings Temporal's stories in line with the rows: what the database holds for unfinished is started again under its own id
 * and meets its own business keys. An open match has lost its sockets anyway: it is settled if its log has an end, else
 * voided. The time of a review begins anew.
 */
export async function restartStories(
  db: Db,
  temporal: Temporal,
  { reviewLimitMs }: { reviewLimitMs: number },
): Promise<Restarted> {
  const { workflow } = temporal.client;
  const taskQueue = temporal.taskQueue(taskQueues.economy);
  const { matchIds, ...before } = await readUnfinished(db);
  for (const matchId of matchIds) {
    await voidMatch(db, matchId, 'the database was restored');
    await terminate(temporal, workflowIds.match(matchId));
  }
  // settled just now, some of them may be due a reward
  const { rewards } = await readUnfinished(db);
  for (const grant of rewards)
    await workflow.start('rewardGrant', { ...rewardGrantStart(grant), ...again, taskQueue });
  for (const trade of before.trades)
    await workflow.start('trade', { ...tradeStart(trade, reviewLimitMs), ...again, taskQueue });
  for (const clawbackId of before.clawbackIds)
    await workflow.start('clawback', { ...clawbackStart(clawbackId), ...again, taskQueue });
  for (const each of before.imports)
    await workflow.start('importWallets', { ...importStart(each), ...again, taskQueue });
  return {
    rewards: rewards.length,
    trades: before.trades.length,
    matches: matchIds.length,
    clawbacks: before.clawbackIds.length,
    imports: before.imports.length,
  };
}
