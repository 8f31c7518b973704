import { WithStartWorkflowOperation } from '@temporalio/client';
import { LootError } from '../../../domain/errors.ts';
import type { Trade } from '../../../store/trades/reads.ts';
import { begin, cancelTrade, taskQueues, tradeStart, workflowIds } from '../../../workflows/messages.ts';
import type { TradeReply } from '../../../workflows/messages.ts';
import { callTemporal } from '../../call-temporal.ts';
import type { Services } from '../../deps.ts';
import { meaningOf } from '../../failures.ts';
import { refusalOf } from '../../story-errors.ts';

const deadlineMsMin = 2_500;

/**
 * Starts the trade's workflow, or meets it, and waits for what it answers for at most `waitMs`. Answers its failure;
 * undefined when it completed, waits, or simply takes longer. Throws what a caller should retry.
 */
export async function beginTrade(
  services: Services,
  trade: Trade,
  waitMs: number,
): Promise<LootError | undefined> {
  const { temporal, config } = services;
  const startWorkflowOperation = new WithStartWorkflowOperation('trade', {
    ...tradeStart(trade, config.TRADE_REVIEW_LIMIT_MS),
    taskQueue: temporal.taskQueue(taskQueues.economy),
  });
  const update = { updateId: trade.tradeId, startWorkflowOperation };
  try {
    if (waitMs === 0) {
      await callTemporal(services, ({ workflow }) =>
        workflow.startUpdateWithStart(begin, { ...update, waitForStage: 'ACCEPTED' }),
      );
      return undefined;
    }
    const reply = await callTemporal(
      services,
      ({ workflow }) => workflow.executeUpdateWithStart(begin, update),
      Math.max(waitMs, deadlineMsMin),
    );
    return failureOf(reply);
  } catch (error) {
    // Its run is over: the trade's row says how it ended.
    if (refusalOf(error) !== undefined) return undefined;
    if (meaningOf(error) === 'unknown' && (await exists(services, trade.tradeId))) return undefined;
    throw error;
  }
}

const failureOf = (reply: TradeReply): LootError | undefined =>
  reply.status === 'failed' ? new LootError(reply.code, reply.detail) : undefined;

/** After a timeout: a story that runs needs no retry to go on. */
async function exists(services: Services, tradeId: string): Promise<boolean> {
  try {
    await callTemporal(services, ({ workflow }) => workflow.getHandle(workflowIds.trade(tradeId)).describe());
    return true;
  } catch {
    return false;
  }
}

/** Asks the story to stop; undefined when it will. A closed story cannot be stopped any more: `trade_not_cancellable`. */
export async function cancelTradeStory(
  services: Services,
  tradeId: string,
  updateId: string,
): Promise<LootError | undefined> {
  const tooLate = (code: LootError['code'] = 'trade_not_cancellable') =>
    new LootError(code, 'The trade can be cancelled only while it is in review.');
  try {
    const reply = await callTemporal(services, ({ workflow }) =>
      workflow.getHandle(workflowIds.trade(tradeId)).executeUpdate(cancelTrade, { updateId }),
    );
    return reply.cancelled ? undefined : tooLate(reply.code);
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return tooLate();
  }
}
