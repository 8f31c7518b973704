import { WorkflowNotFoundError } from '@temporalio/client';
import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import { readUnfinished } from '../../store/epoch/unfinished.ts';
import { voidMatch } from '../../store/matches/void-match.ts';
import {
  clawbackDecided,
  clawbackStart,
  importStart,
  matchFinished,
  rewardGrantStart,
  taskQueues,
  tradeStart,
  workflowIds,
} from '../../workflows/messages.ts';

export type Restarted = {
  rewards: number;
  trades: number;
  matches: number;
  clawbacks: number;
  imports: number;
};

/** The ledger's keys guard against doing anything twice, so a story that Temporal holds for done may run again. */
const again = { workflowIdReusePolicy: 'ALLOW_DUPLICATE' } as const;

/**
 * Brings Temporal's stories in line with the rows: what the database holds for unfinished and Temporal does not run is
 * started again under its own id and meets its own business keys. A match without a story is settled if its log has an end,
 * else voided. Stories that still run read their rows themselves.
 */
export async function restartStories(
  db: Db,
  temporal: Temporal,
  { reviewLimitMs }: { reviewLimitMs: number },
): Promise<Restarted> {
  const { workflow } = temporal.client;
  const taskQueue = temporal.taskQueue(taskQueues.economy);
  const restarted: Restarted = { rewards: 0, trades: 0, matches: 0, clawbacks: 0, imports: 0 };
  const { rewards, trades, matchIds, clawbackIds, imports } = await readUnfinished(db);

  for (const matchId of matchIds) {
    if (await isRunning(temporal, workflowIds.match(matchId))) continue;
    await voidMatch(db, matchId, 'the database was restored');
    restarted.matches += 1;
  }
  for (const grant of rewards) {
    const start = rewardGrantStart(grant);
    if (await isRunning(temporal, start.workflowId)) continue;
    const signal = { signal: matchFinished, signalArgs: [] as [] };
    await workflow.signalWithStart('rewardGrant', { ...start, ...again, ...signal, taskQueue });
    restarted.rewards += 1;
  }
  for (const trade of trades) {
    const start = tradeStart(trade, reviewLimitMs);
    if (await isRunning(temporal, start.workflowId)) continue;
    await workflow.start('trade', { ...start, ...again, taskQueue });
    restarted.trades += 1;
  }
  for (const clawbackId of clawbackIds) {
    const start = clawbackStart(clawbackId);
    if (await isRunning(temporal, start.workflowId)) continue;
    const signal = { signal: clawbackDecided, signalArgs: [] as [] };
    await workflow.signalWithStart('clawback', { ...start, ...again, ...signal, taskQueue });
    restarted.clawbacks += 1;
  }
  for (const each of imports) {
    const start = importStart(each);
    if (await isRunning(temporal, start.workflowId)) continue;
    await workflow.start('importWallets', { ...start, ...again, taskQueue });
    restarted.imports += 1;
  }
  return restarted;
}

async function isRunning({ client }: Temporal, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
