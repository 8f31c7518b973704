import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import type { GrantOutcome, GrantView, RewardActivities, Verdict } from '../../activities/rewards/types.ts';
import { matchFinished, rewardGrantStart, searchKeys, verdictRecorded } from '../../workflows/messages.ts';
import type { RewardGrantResult } from '../../workflows/messages.ts';
import { recorded } from './recorded.ts';
import { failing } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld, tookMs, untilDetails } from './world.ts';

const dayMs = 86_400_000;
const view: GrantView = {
  mode: 'duel',
  players: [
    { playerId: 'player-1', pays: '740 gold, 3 stamp, 1 iron_sword' },
    { playerId: 'player-2', pays: 'nothing' },
  ],
  reviewRequired: false,
  reviewLimitMs: dayMs,
  reviewPolicy: 'withhold',
  verdict: null,
};
const lines = [
  { playerId: 'player-1', result: 'ok', journalKey: 'grant:match:m:player-1' },
  { playerId: 'player-2', result: 'empty', journalKey: 'grant:match:m:player-2' },
];
const paid: GrantOutcome = { status: 'paid', lines };
const cleared: Verdict = { decision: 'cleared', reason: 'looks honest' };
const rejected: Verdict = { decision: 'rejected', reason: 'same device on both seats' };

function rewardFakes(overrides: Partial<RewardActivities> = {}) {
  const answers: RewardActivities = {
    readGrant: async () => view,
    readGrantVerdict: async () => null,
    decideGrant: async () => ({ decision: 'rejected', reason: 'no verdict in time' }),
    payGrant: async () => paid,
    withholdGrant: async () => ({ status: 'withheld', lines: [] }),
    ...overrides,
  };
  return recorded(answers);
}

const world = timeSkippingWorld('economy', Object.keys(rewardFakes().activities));

const start = (client: Client, taskQueue: string, matchId: string = randomUUID()) =>
  client.workflow.signalWithStart<(input: object) => Promise<RewardGrantResult>>('rewardGrant', {
    ...rewardGrantStart({ matchId, playerIds: ['player-1'] }),
    taskQueue,
    signal: matchFinished,
    signalArgs: [],
  });

/** `name`: the branch under which its history is kept. */
const run = (overrides: Partial<RewardActivities>, name?: string) => {
  const { calls, activities } = rewardFakes(overrides);
  return world.withActivities(activities, async (taskQueue) => {
    const handle = await start(world.env.client, taskQueue);
    const result = await handle.result();
    if (name !== undefined) await world.keep(name, handle);
    return { calls, result, handle, details: await detailsOf(handle) };
  });
};

describe('a grant that meets no obstacle', () => {
  test('is paid in one batch, and its details name every player and receipt', async () => {
    const { calls, result, details, handle } = await run({}, 'reward-paid');
    expect(result).toEqual({ status: 'paid', lines });
    expect(calls).toEqual(['readGrant', 'payGrant']);
    expect(details).toContain('(duel)\n\n`player-1`: 740 gold, 3 stamp, 1 iron_sword · `player-2`: nothing');
    expect(details).toContain(
      '- `player-1`: ok ([receipt](/v1/receipts/grant%3Amatch%3Am%3Aplayer-1))\n- `player-2`: empty\n- paid',
    );
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.playerId)).toEqual(['player-1', 'player-2']);
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
  });

  test('is not paid by a second story: the start after a completed run is refused', async () => {
    const { activities, calls } = rewardFakes();
    await world.withActivities(activities, async (taskQueue) => {
      const matchId = randomUUID();
      await (await start(world.env.client, taskQueue, matchId)).result();
      await expect(start(world.env.client, taskQueue, matchId)).rejects.toThrow(/already/i);
    });
    expect(calls.filter((name) => name === 'payGrant').length).toBe(1);
  });
});

describe('a grant has no failing path', () => {
  test('waits for a match that has no result, looks again by itself, and at once when nudged', async () => {
    let looks = 0;
    const { calls, result } = await run(
      { readGrant: async () => (++looks < 3 ? null : view) },
      'reward-waited-for-result',
    );
    expect(result.status).toBe('paid');
    expect(calls).toEqual(['readGrant', 'readGrant', 'readGrant', 'payGrant']);
  });

  test('survives a database that is away, and says so', async () => {
    const { activities } = rewardFakes({ payGrant: failing(6, paid) });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      expect(await untilDetails(handle, '`payGrant` failed')).toContain('the database is away');
      expect(await handle.result()).toEqual({ status: 'paid', lines });
      await world.keep('reward-stalled', handle);
    });
  });

  test('waits behind a closed valve, says which, and tries again', async () => {
    let tries = 0;
    const waiting: GrantOutcome = { status: 'waiting', lines, reason: 'valve channel:grants is closed' };
    const { activities } = rewardFakes({ payGrant: async () => (++tries < 4 ? waiting : paid) });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      expect(await untilDetails(handle, 'waits: valve')).toMatch(
        /waits: valve channel:grants is closed.*tried again at \d{4}-/,
      );
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('waiting');
      expect(await handle.result()).toEqual({ status: 'paid', lines });
      await world.keep('reward-behind-valve', handle);
      expect(await tookMs(handle)).toBeGreaterThan(6 * 60_000);
    });
    expect(tries).toBe(4);
  });

  test('ends the wait behind a valve when it is nudged', async () => {
    let open = false;
    const waiting: GrantOutcome = { status: 'waiting', lines, reason: 'valve channel:grants is closed' };
    const { activities } = rewardFakes({ payGrant: async () => (open ? paid : waiting) });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      await untilDetails(handle, 'waits: valve');
      open = true;
      await handle.signal(matchFinished);
      await untilDetails(handle, '- paid');
      await world.keep('reward-valve-nudged', handle);
    });
  });
});

describe('a grant under review', () => {
  const flagged = { readGrant: async () => ({ ...view, reviewRequired: true }) };

  test('does not wait for a verdict that came before the story', async () => {
    const { calls, result, details } = await run(
      {
        readGrant: async () => ({ ...view, reviewRequired: true, verdict: cleared }),
      },
      'reward-verdict-before-story',
    );
    expect(result.status).toBe('paid');
    expect(calls).toEqual(['readGrant', 'payGrant']);
    expect(details).toContain('verdict: cleared (looks honest)');
  });

  test('is withheld by a rejection, also when no review was asked for', async () => {
    const { calls, result } = await run(
      { readGrant: async () => ({ ...view, verdict: rejected }) },
      'reward-rejected-before-story',
    );
    expect(result).toEqual({ status: 'withheld', lines: [] });
    expect(calls).toEqual(['readGrant', 'withholdGrant']);
  });

  test.each([cleared, rejected])('reads the verdict row when nudged, however often: %o', async (verdict) => {
    let row: Verdict | null = null;
    const { activities, calls } = rewardFakes({ ...flagged, readGrantVerdict: async () => row });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(world.env.client, taskQueue);
      await untilDetails(handle, 'under review: waits for a verdict until');
      await handle.signal(verdictRecorded);
      expect((await handle.describe()).status.name).toBe('RUNNING');
      row = verdict;
      await handle.signal(verdictRecorded);
      await handle.signal(verdictRecorded).catch(() => {});
      expect((await handle.result()).status).toBe(verdict === cleared ? 'paid' : 'withheld');
      await world.keep(`reward-review-${verdict.decision}`, handle);
    });
    expect(calls.includes('payGrant')).toBe(verdict === cleared);
    expect(calls).not.toContain('decideGrant');
  });

  test.each(['pay', 'withhold'] as const)(
    'without a verdict in time the policy decides and is recorded: %s',
    async (reviewPolicy) => {
      const decided: Verdict = {
        decision: reviewPolicy === 'pay' ? 'cleared' : 'rejected',
        reason: 'no verdict in time',
      };
      const { activities, calls } = rewardFakes({
        readGrant: async () => ({ ...view, reviewRequired: true, reviewPolicy }),
        decideGrant: async () => decided,
      });
      await world.withActivities(activities, async (taskQueue) => {
        const handle = await start(world.env.client, taskQueue);
        const details = await untilDetails(handle, 'under review');
        expect(details).toContain(
          reviewPolicy === 'pay' ? 'without one it is paid' : 'without one it is withheld',
        );
        expect((await handle.result()).status).toBe(reviewPolicy === 'pay' ? 'paid' : 'withheld');
        await world.keep(`reward-policy-${reviewPolicy}`, handle);
        expect(await tookMs(handle)).toBeGreaterThanOrEqual(dayMs);
      });
      expect(calls).toContain('decideGrant');
    },
  );
});

test('a signal during the last task runs the task again and the story still ends once', async () => {
  let payCount = 0;
  const signalled = Promise.withResolvers<void>();
  const { activities } = rewardFakes({
    payGrant: async () => {
      payCount++;
      await signalled.promise;
      return paid;
    },
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(world.env.client, taskQueue);
    while (payCount === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await handle.signal(matchFinished);
    signalled.resolve();
    expect(await handle.result()).toEqual({ status: 'paid', lines });
  });
});
