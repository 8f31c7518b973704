import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { enterReview } from '../../store/trades/enter-review.ts';
import { failTrade } from '../../store/trades/fail-trade.ts';
import { holdPrice } from '../../store/trades/hold-price.ts';
import { moveLock } from '../../store/trades/move-lock.ts';
import { termsOf } from '../../store/trades/reads.ts';
import type { Trade } from '../../store/trades/reads.ts';
import { settleTrade } from '../../store/trades/settle-trade.ts';
import { startUndo } from '../../store/trades/start-undo.ts';
import { undoHold } from '../../store/trades/undo-hold.ts';
import { undoLock } from '../../store/trades/undo-lock.ts';
import { readVerdict } from '../../store/verdicts/reads.ts';
import { causeOfStep } from '../cause.ts';
import { asValue, orFailure } from '../failures.ts';
import type { TradeActivities, TradeUndoActivities } from './types.ts';

type Deps = { db: Db; log: Log; metrics: Metrics; crash: CrashPoints };

const actor = 'system:market';

export function createTradeActivities(deps: Deps): TradeActivities & TradeUndoActivities {
  const { db, crash } = deps;
  return {
    holdPrice: (input) =>
      asValue(async () => {
        const { cause, context } = causeOfStep(actor);
        const trade = await holdPrice(db, input, cause, context);
        crash('after-hold-before-lock');
        return { done: true as const, terms: termsOf(trade) };
      }),

    moveLock: ({ tradeId }) =>
      asValue(async () => {
        const { cause, context } = causeOfStep(actor);
        await moveLock(db, tradeId, cause, context);
        crash('after-lock-before-settle');
        return { done: true as const };
      }),

    enterReview: ({ tradeId }) =>
      asValue(async () => {
        await enterReview(db, tradeId);
        return { done: true as const };
      }),

    readTradeVerdict: ({ tradeId }) => readVerdict(db, `trade:${tradeId}`),

    settleTrade: ({ tradeId }) =>
      asValue(async () => {
        const { cause, context } = causeOfStep(actor);
        const { trade, replayed } = await settleTrade(db, tradeId, cause, context);
        crash('after-settle-before-complete');
        if (!replayed) report(deps, trade, 'completed');
        return { done: true as const };
      }),

    startUndo: (input) => orFailure(() => startUndo(db, input)),

    undoLock: ({ tradeId }) =>
      orFailure(async () => {
        const { cause, context } = causeOfStep(actor);
        await undoLock(db, tradeId, cause, context);
      }),

    undoHold: ({ tradeId }) =>
      orFailure(async () => {
        await undoHold(db, tradeId, causeOfStep(actor).cause);
      }),

    failTrade: (input) =>
      orFailure(async () => {
        const trade = await failTrade(db, input, causeOfStep(actor).context);
        if (trade !== null) report(deps, trade, 'compensated', input.code);
      }),
  };
}

/** One line and one measurement per trade that ends. */
function report(
  { log, metrics }: Deps,
  trade: Trade,
  outcome: 'completed' | 'compensated',
  code?: string,
): void {
  const durationMs = (trade.endedAt?.getTime() ?? 0) - trade.createdAt.getTime();
  metrics.sagaDuration.observe({ saga: 'trade', outcome }, durationMs / 1000);
  const { tradeId, buyerId, sellerId, itemId } = trade;
  const line = { tradeId, buyerId, sellerId, itemId, outcome, code, durationMs };
  if (outcome === 'completed') log.info(line, 'trade completed');
  else log.warn(line, 'trade compensated');
}
