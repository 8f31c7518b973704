import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  WithStartWorkflowOperation,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import {
  begin,
  cancelTrade,
  retryUndo,
  searchKeys,
  tradeStart,
  verdictRecorded,
} from '../../workflows/messages.ts';
import type { TradeResult } from '../../workflows/messages.ts';
import { failing, reviewed, terms, tradeFakes } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld, tookMs, untilDetails } from './world.ts';

const world = timeSkippingWorld('economy', Object.keys(tradeFakes().activities));
const dayMs = 86_400_000;

/** Starts a trade; `result` is awaited by the test, so that time is skipped only then. */
async function start(client: Client, taskQueue: string) {
  return client.workflow.start<(input: object) => Promise<TradeResult>>('trade', {
    ...tradeStart({ ...terms, tradeId: randomUUID() }, dayMs),
    taskQueue,
  });
}

async function beginTrade(client: Client, taskQueue: string, tradeId: string) {
  const options = { ...tradeStart({ ...terms, tradeId }, dayMs), taskQueue };
  const startWorkflowOperation = new WithStartWorkflowOperation('trade', options);
  return client.workflow.executeUpdateWithStart(begin, { startWorkflowOperation, updateId: tradeId });
}

/** `name`: the branch under which its history is kept. */
const run = (overrides: Parameters<typeof tradeFakes>[0], name?: string) => {
  const { calls, activities } = tradeFakes(overrides);
  return world.withActivities(activities, async (taskQueue) => {
    const handle = await start(world.env.client, taskQueue);
    const result = await handle.result();
    if (name !== undefined) await world.keep(name, handle);
    return { calls, result, handle, details: await detailsOf(handle) };
  });
};

const refusal = { done: false, code: 'item_locked', detail: 'the item is locked by match:m1' } as const;

describe('a trade that meets no obstacle', () => {
  test('holds, locks and settles in this order, and its details tell it with receipts', async () => {
    const { calls, result, details } = await run({}, 'trade-completed');
    expect(result).toEqual({ status: 'completed' });
    expect(calls).toEqual(['holdPrice', 'moveLock', 'settleTrade']);
    expect(details).toMatch(
      /^### Trade: rare_sword, 800 gold\n\nTrade `trade` of listing `listing-1` · buyer `buyer-1` · seller `seller-1` · item \[`item-1`\]\(\/v1\/items\/item-1\/history\) · fee 40 gold/,
    );
    expect(details).toMatch(
      /800 gold of the buyer are held .*receipts.*\n- the item is locked .*receipts.*\n- completed: the buyer owns the item/,
    );
  });

  test('is answered by its first update when it is over', async () => {
    await world.withActivities(tradeFakes().activities, async (taskQueue) => {
      expect(await beginTrade(world.env.client, taskQueue, randomUUID())).toEqual({ status: 'completed' });
    });
  });

  test('shows who, what and how it ended as search attributes and summary', async () => {
    const { handle } = await run({});
    const found = await handle.describe();
    expect(found.typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
    expect(found.typedSearchAttributes.get(searchKeys.playerId)).toEqual(['buyer-1', 'seller-1']);
    expect(found.typedSearchAttributes.get(searchKeys.itemId)).toBe('item-1');
  });

  test('holds the price longer than the longest review', async () => {
    let ttlMs = 0;
    await run({ holdPrice: async ({ holdTtlMs }) => ((ttlMs = holdTtlMs), { done: true, terms }) });
    expect(ttlMs).toBeGreaterThan(dayMs);
  });
});

describe('a trade that is refused', () => {
  test('at the hold: the hold is undone all the same, for it may still be on its way', async () => {
    const { calls, result, details } = await run(
      {
        holdPrice: async () => ({ done: false, code: 'insufficient_funds', detail: '300 gold are missing' }),
      },
      'trade-hold-refused',
    );
    expect(result).toEqual({ status: 'failed', code: 'insufficient_funds', detail: '300 gold are missing' });
    expect(calls).toEqual(['holdPrice', 'startUndo', 'undoHold', 'failTrade']);
    expect(details).toContain('refused: `insufficient_funds`, 300 gold are missing');
    expect(details).toContain('failed: buyer and seller have what they had before');
  });

  test('at the lock: what was done last is undone first', async () => {
    const { calls, result } = await run({ moveLock: async () => refusal }, 'trade-lock-refused');
    expect(result).toMatchObject({ status: 'failed', code: 'item_locked' });
    expect(calls).toEqual(['holdPrice', 'moveLock', 'startUndo', 'undoLock', 'undoHold', 'failTrade']);
  });

  test('at the settlement: lock and hold are given back', async () => {
    const { calls, result } = await run(
      {
        settleTrade: async () => ({ ...refusal, code: 'pending_already_voided' }),
      },
      'trade-settle-refused',
    );
    expect(result).toMatchObject({ status: 'failed', code: 'pending_already_voided' });
    expect(calls).toEqual([
      'holdPrice',
      'moveLock',
      'settleTrade',
      'startUndo',
      'undoLock',
      'undoHold',
      'failTrade',
    ]);
  });

  test('answers the update with the reason', async () => {
    await world.withActivities(
      tradeFakes({ moveLock: async () => refusal }).activities,
      async (taskQueue) => {
        const reply = await beginTrade(world.env.client, taskQueue, randomUUID());
        expect(reply).toEqual({ status: 'failed', code: 'item_locked', detail: refusal.detail });
      },
    );
  });

  test('after a settlement whose answer got lost: nothing is undone, it is completed', async () => {
    const { calls, result } = await run(
      {
        settleTrade: async () => ({ ...refusal, code: 'cancelled' }),
        startUndo: async () => ({ settled: true }),
      },
      'trade-settled-after-all',
    );
    expect(result).toEqual({ status: 'completed' });
    expect(calls).toEqual(['holdPrice', 'moveLock', 'settleTrade', 'startUndo']);
  });

  test('by an operator who cancels the workflow: everything is given back', async () => {
    const { calls, activities } = tradeFakes({ holdPrice: async () => ({ done: true, terms: reviewed }) });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      await untilDetails(handle, 'waits for a verdict');
      await handle.cancel();
      expect(await handle.result()).toMatchObject({ status: 'failed', code: 'trade_cancelled' });
      await world.keep('trade-operator-cancelled', handle);
    });
    expect(calls.slice(-4)).toEqual(['startUndo', 'undoLock', 'undoHold', 'failTrade']);
  });
});

describe('a step that fails', () => {
  test('is tried twice locally, then as a regular activity until it answers; meanwhile the update says stalled', async () => {
    const { calls, activities } = tradeFakes({ moveLock: failing(4, { done: true }) });
    await world.withActivities(activities, async (taskQueue) => {
      const tradeId = randomUUID();
      expect(await beginTrade(world.env.client, taskQueue, tradeId)).toEqual({ status: 'stalled' });
      const handle = world.env.client.workflow.getHandle(`trade-${tradeId}`);
      expect(await untilDetails(handle, '`moveLock` failed')).toContain('the database is away');
      expect(await handle.result()).toEqual({ status: 'completed' });
      await world.keep('trade-stalled', handle);
      const { events } = await handle.fetchHistory();
      expect(events?.filter((event) => event.activityTaskScheduledEventAttributes).length).toBe(1);
    });
    expect(calls.filter((name) => name === 'moveLock').length).toBe(5);
  });

  test('with a bug of ours is not repeated: the trade is undone', async () => {
    const { calls, result } = await run(
      {
        moveLock: async () => {
          throw ApplicationFailure.nonRetryable('no such trade', 'internal');
        },
      },
      'trade-bug',
    );
    expect(result).toEqual({ status: 'failed', code: 'internal', detail: 'no such trade' });
    expect(calls).toEqual(['holdPrice', 'moveLock', 'startUndo', 'undoLock', 'undoHold', 'failTrade']);
  });

  test('in the undo: it goes on where it failed, and a story that cannot undo is stuck until an operator retries', async () => {
    let repaired = false;
    const { calls, activities } = tradeFakes({
      settleTrade: async () => refusal,
      undoLock: async () => {
        if (!repaired) throw new Error('the ledger refuses');
      },
    });
    await world.withActivities(activities, async (taskQueue) => {
      const { client } = world.env;
      const handle = await start(client, taskQueue);
      // the undo gives up after minutes that only the server's clock has to see
      await world.env.sleep('15 minutes');
      const details = await untilDetails(handle, '**stuck**');
      expect(details).toContain('give the item back to its listing (the ledger refuses)');
      expect(details).toContain(`POST /v1/workflows/${handle.workflowId}/retry-undo`);
      const stuck = await handle.describe();
      expect(stuck.status.name).toBe('RUNNING');
      expect(stuck.typedSearchAttributes.get(searchKeys.stuck)).toBe(true);
      expect(stuck.typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('stuck');
      expect(calls).toContain('reportStuck');
      expect(calls).not.toContain('undoHold');

      repaired = true;
      await handle.signal(retryUndo);
      expect(await handle.result()).toMatchObject({ status: 'failed', code: 'item_locked' });
      await world.keep('trade-stuck', handle);
      const ended = await handle.describe();
      expect(ended.typedSearchAttributes.get(searchKeys.stuck)).toBe(false);
      expect(calls.slice(-4)).toEqual(['reportUnstuck', 'undoLock', 'undoHold', 'failTrade']);
    });
  });
});

describe('a trade in review', () => {
  const inReview = { holdPrice: async () => ({ done: true, terms: reviewed }) as const };

  test('answers 202 material, waits, and its details say until when', async () => {
    await world.withActivities(tradeFakes(inReview).activities, async (taskQueue) => {
      const tradeId = randomUUID();
      expect(await beginTrade(world.env.client, taskQueue, tradeId)).toEqual({ status: 'in_review' });
      const handle = world.env.client.workflow.getHandle(`trade-${tradeId}`);
      expect(await detailsOf(handle)).toMatch(
        /now:\*\* waits for a verdict until \d{4}-\d\d-\d\dT[\d:]+Z; without one the trade is rejected/,
      );
      await handle.terminate();
    });
  });

  test('is rejected when no verdict comes within a day', async () => {
    const { calls, result, handle } = await run(inReview, 'trade-review-expired');
    expect(result).toMatchObject({ status: 'failed', code: 'trade_rejected' });
    expect(await tookMs(handle)).toBeGreaterThanOrEqual(dayMs);
    expect(calls.slice(-4)).toEqual(['startUndo', 'undoLock', 'undoHold', 'failTrade']);
  });

  test('does not wait for a verdict that was there before', async () => {
    const { result, handle } = await run(
      {
        ...inReview,
        readTradeVerdict: async () => ({ decision: 'cleared', reason: 'ok' }),
      },
      'trade-verdict-before-review',
    );
    expect(result).toEqual({ status: 'completed' });
    expect(await tookMs(handle)).toBeLessThan(60_000);
  });

  test.each(['cleared', 'rejected'] as const)('reads the verdict row when nudged: %s', async (decision) => {
    let verdict: { decision: 'cleared' | 'rejected'; reason: string } | null = null;
    const { calls, activities } = tradeFakes({ ...inReview, readTradeVerdict: async () => verdict });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      await untilDetails(handle, 'waits for a verdict');
      // a nudge without a row decides nothing, however often it comes
      await handle.signal(verdictRecorded);
      await handle.signal(verdictRecorded);
      expect((await handle.describe()).status.name).toBe('RUNNING');
      verdict = { decision, reason: 'looks bought with a stolen card' };
      await handle.signal(verdictRecorded);
      const failed = { status: 'failed', code: 'trade_rejected', detail: 'looks bought with a stolen card' };
      expect(await handle.result()).toEqual(decision === 'cleared' ? { status: 'completed' } : failed);
      await world.keep(`trade-review-${decision}`, handle);
    });
    expect(calls.includes('settleTrade')).toBe(decision === 'cleared');
  });

  test('can be cancelled by its buyer, then and only then', async () => {
    const { calls, activities } = tradeFakes(inReview);
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      await untilDetails(handle, 'waits for a verdict');
      expect(await handle.executeUpdate(cancelTrade)).toEqual({ cancelled: true });
      expect(await handle.result()).toMatchObject({ status: 'failed', code: 'trade_cancelled' });
      await world.keep('trade-buyer-cancelled', handle);
    });
    expect(calls.slice(-4)).toEqual(['startUndo', 'undoLock', 'undoHold', 'failTrade']);
    expect(calls).not.toContain('settleTrade');
  });

  test('refuses a cancellation before the review without a trace in the history', async () => {
    const { activities } = tradeFakes({ moveLock: failing(Infinity, { done: true }) });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      await untilDetails(handle, '`moveLock` failed');
      const refused = await handle.executeUpdate(cancelTrade).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
      expect((refused as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'trade_not_cancellable' });
      const { events } = await handle.fetchHistory();
      expect(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);
      await handle.terminate();
    });
  });

  test('a signal after the end is refused by Temporal and changes nothing', async () => {
    const { handle, result } = await run({});
    await expect(handle.signal(verdictRecorded)).rejects.toThrow(/not found|completed/i);
    expect(result).toEqual({ status: 'completed' });
  });
});

test('a signal during the last task runs the task again and the trade still ends once', async () => {
  let settleCount = 0;
  const signalled = Promise.withResolvers<void>();
  const { activities } = tradeFakes({
    settleTrade: async () => {
      settleCount++;
      await signalled.promise;
      return { done: true };
    },
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(world.env.client, taskQueue);
    while (settleCount === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await handle.signal(verdictRecorded);
    signalled.resolve();
    expect(await handle.result()).toEqual({ status: 'completed' });
  });
  // what makes this safe is the settlement's own guard, tested on PostgreSQL
  expect(settleCount).toBeGreaterThanOrEqual(1);
});
