import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { loadConfig } from '../../platform/config.ts';
import { openTemporal } from '../../platform/temporal.ts';
import type { Temporal } from '../../platform/temporal.ts';
import type { Trade } from '../../store/trades/reads.ts';
import { begin, matchFinished, rewardGrantStart, taskQueues, tradeStart } from '../../workflows/messages.ts';
import type { RewardGrantResult, TradeReply } from '../../workflows/messages.ts';

/** Settings of processes that belong to one test file: its own database and task queues on the shared servers. */
export function testSettings(databaseUrl: string): Record<string, string> {
  const { temporalAddress, temporalUiUrl } = inject('servers');
  return {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_UI_URL: temporalUiUrl,
    TEMPORAL_TASK_QUEUE_PREFIX: `test-${randomUUID()}-`,
    DATABASE_POOL_COUNT_MAX: '10',
    METRICS_PORT: '0',
    AUDIT_INTERVAL_MS: '0',
    LOG_LEVEL: 'warn',
  };
}

export function openTestTemporal(settings: Record<string, string>): Temporal {
  const config = loadConfig(settings);
  return openTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    uiUrl: config.TEMPORAL_UI_URL,
  });
}

/** Lower than in production: a killed worker's task waits this long for another worker. */
const workflowTaskTimeout = 1_000;

export function beginTrade(
  temporal: Temporal,
  trade: Trade,
  reviewLimitMs = 86_400_000,
): Promise<TradeReply> {
  const startWorkflowOperation = new WithStartWorkflowOperation('trade', {
    ...tradeStart(trade, reviewLimitMs),
    taskQueue: temporal.taskQueue(taskQueues.economy),
    workflowTaskTimeout,
  });
  const updateId = trade.tradeId;
  return temporal.client.workflow.executeUpdateWithStart(begin, { startWorkflowOperation, updateId });
}

export const startGrant = (temporal: Temporal, matchId: string, playerIds: readonly string[] = []) =>
  temporal.client.workflow.signalWithStart<(input: object) => Promise<RewardGrantResult>>('rewardGrant', {
    ...rewardGrantStart({ matchId, playerIds }),
    taskQueue: temporal.taskQueue(taskQueues.economy),
    workflowTaskTimeout,
    signal: matchFinished,
    signalArgs: [],
  });
