import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  WithStartWorkflowOperation,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, describe, expect, test } from 'vitest';
import { join, leaveLobby, matchStart, searchKeys } from '../../workflows/messages.ts';
import type { MatchResult } from '../../workflows/messages.ts';
import { claimOf, matchFakes, matchQueues } from './match-fakes.ts';
import type { MatchFakes } from './match-fakes.ts';
import { detailsOf, timeSkippingWorld, untilDetails } from './world.ts';

const world = timeSkippingWorld('match', matchQueues.names, matchQueues.queues);
const lobbyMs = 30_000;

type Handle = WorkflowHandle<(input: object) => Promise<MatchResult>>;
const players = (count: number) => Array.from({ length: count }, (_, index) => `p${index + 1}`);

/** What the API does: update-with-start, the update's id derived from the request. */
async function joinMatch(
  taskQueue: string,
  matchId: string,
  playerId: string,
  updateId = playerId,
  waitMs = lobbyMs,
) {
  const input = {
    matchId,
    mode: 'duel',
    region: 'eu',
    lobbyMs: waitMs,
    connectMs: 3_000,
    matchLimitMs: 300_000,
  };
  const startWorkflowOperation = new WithStartWorkflowOperation('match', {
    ...matchStart(input, playerId),
    taskQueue,
  });
  return world.env.client.workflow.executeUpdateWithStart(join, {
    startWorkflowOperation,
    updateId,
    args: [{ playerId }],
  });
}

/** The code of a refusal, whether the validator spoke it or the handler. */
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (reply) => (reply as { code?: string }).code ?? 'no refusal',
    (error: unknown) =>
      error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure
        ? error.cause.type
        : error,
  );

/** Hosting that goes on until it is ended. An activity left behind by its workflow holds the test server's clock for ever. */
const releases: (() => void)[] = [];
const endHosting = () => releases.splice(0).forEach((release) => release());
afterEach(endHosting);
const hosting = () =>
  new Promise<{ status: 'over' }>((resolve) => void releases.push(() => resolve({ status: 'over' })));

type Played = { matchId: string; handle: Handle; taskQueue: string; calls: string[] };

async function withMatch<T>(
  playerCount: number,
  overrides: Partial<MatchFakes>,
  work: (played: Played) => Promise<T>,
): Promise<T> {
  const { calls, activities } = matchFakes(overrides);
  return world.withActivities(activities, async (taskQueue) => {
    const matchId = randomUUID();
    for (const playerId of players(playerCount)) await joinMatch(taskQueue, matchId, playerId);
    const handle: Handle = world.env.client.workflow.getHandle(`match-${matchId}`);
    return work({ matchId, handle, taskQueue, calls });
  });
}

const play = (playerCount: number, overrides: Partial<MatchFakes> = {}) =>
  withMatch(playerCount, overrides, async ({ handle, calls, matchId }) => {
    const result = await handle.result();
    const { startTime, closeTime } = await handle.describe();
    const tookMs = Number(closeTime) - Number(startTime);
    return { result, calls, matchId, tookMs, details: await detailsOf(handle), handle };
  });

const lost = () =>
  Promise.reject(ApplicationFailure.create({ type: 'host_failed', message: 'the host could not go on' }));
const stepsAfterLobby = ['closeLobby', 'drawSeed', 'lockLoadouts', 'claimHost', 'hostMatch', 'settleMatch'];

describe('the lobby', () => {
  test('starts at once with six', async () => {
    const { result, calls, tookMs, details, handle } = await play(6);
    expect(result).toEqual({ status: 'finished' });
    expect(calls.slice(6)).toEqual(stepsAfterLobby);
    expect(tookMs).toBeLessThan(lobbyMs);
    expect(details).toContain('started with 6 players; SHA-256 of the seed: `c0ffee`');
    expect(details).toContain('`p1`: winner, score 300');
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.playerId)).toEqual(players(6));
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
    await world.keep('match-finished', handle);
  });

  test('waits 30 s for more than two', async () => {
    const { result, tookMs } = await play(2);
    expect(result).toEqual({ status: 'finished' });
    expect(tookMs).toBeGreaterThanOrEqual(lobbyMs - 1_000);
  });

  test('with fewer than two is cancelled when its time is up', async () => {
    const { result, calls, details, handle } = await play(1);
    expect(result).toEqual({ status: 'cancelled', reason: 'too_few_players' });
    expect(calls).toEqual(['confirmSeat', 'closeLobby', 'cancelMatch']);
    expect(details).toContain('cancelled: too_few_players');
    await world.keep('match-cancelled', handle);
  });

  test('says until when it waits, and who is in it', async () => {
    await withMatch(1, {}, async ({ handle }) => {
      const details = await detailsOf(handle);
      expect(details).toContain('`p1` joined (1 of 6)');
      expect(details).toMatch(/the lobby waits for players until \d{4}-/);
      await handle.terminate();
    });
  });

  test('answers a repeated join with the same seat, and does not confirm it twice', async () => {
    await withMatch(2, {}, async ({ handle, taskQueue, matchId, calls }) => {
      const again = await joinMatch(taskQueue, matchId, 'p2', 'another request');
      expect(again).toEqual({ joined: true, seat: 1, playerCount: 2 });
      expect(calls).toEqual(['confirmSeat', 'confirmSeat']);
      await handle.terminate();
    });
  });

  test('refuses a seventh, also among joins at once', async () => {
    const { activities } = matchFakes();
    await world.withActivities(activities, async (taskQueue) => {
      const matchId = randomUUID();
      const outcomes = await Promise.all(
        players(8).map((playerId) => codeOf(joinMatch(taskQueue, matchId, playerId))),
      );
      const refused = outcomes.filter((outcome) => outcome !== 'no refusal');
      expect(refused).toHaveLength(2);
      expect(refused.every((code) => code === 'lobby_full' || code === 'lobby_closed')).toBe(true);
      await world.env.client.workflow.getHandle(`match-${matchId}`).result();
    });
  });

  test('is left by an update, and then cancelled if too few stay', async () => {
    await withMatch(2, {}, async ({ handle, calls }) => {
      expect(await handle.executeUpdate(leaveLobby, { args: [{ playerId: 'p1' }] })).toEqual({ left: true });
      expect(await handle.executeUpdate(leaveLobby, { args: [{ playerId: 'p1' }] })).toEqual({ left: false });
      expect(await handle.result()).toEqual({ status: 'cancelled', reason: 'too_few_players' });
      expect(calls).not.toContain('drawSeed');
      await world.keep('match-lobby-left', handle);
    });
  });

  test('tells a player whose reservation is gone to look for another', async () => {
    const { activities } = matchFakes({ confirmSeat: async () => ({ confirmed: false }) });
    await world.withActivities(activities, async (taskQueue) => {
      const matchId = randomUUID();
      expect(await joinMatch(taskQueue, matchId, 'p1')).toEqual({ joined: false, code: 'lobby_closed' });
      await world.env.client.workflow.getHandle(`match-${matchId}`).terminate();
    });
  });

  test('is closed once the match has started, for joining and leaving; who is in it is told so', async () => {
    const hostMatch = hosting;
    await withMatch(6, { hostMatch }, async ({ handle, taskQueue, matchId }) => {
      await untilDetails(handle, 'played on host');
      expect(await codeOf(joinMatch(taskQueue, matchId, 'p9'))).toBe('lobby_closed');
      expect(await joinMatch(taskQueue, matchId, 'p3', 'late retry')).toMatchObject({
        joined: true,
        seat: 2,
      });
      expect(await codeOf(handle.executeUpdate(leaveLobby, { args: [{ playerId: 'p3' }] }))).toBe(
        'lobby_closed',
      );
      endHosting();
      await handle.result();
    });
  });

  test('waits for a join in flight when its time runs out', async () => {
    const seats: string[] = [];
    const matchId = randomUUID();
    const isLobbyOver = async () =>
      (await world.env.client.workflow.getHandle(`match-${matchId}`).fetchHistory()).events?.some(
        ({ timerFiredEventAttributes }) => timerFiredEventAttributes,
      );
    const confirmSeat: MatchFakes['confirmSeat'] = async ({ playerId }) => {
      while (playerId === 'p3' && !(await isLobbyOver()))
        await new Promise((resolve) => setTimeout(resolve, 50));
      seats.push(playerId);
      return { confirmed: true, seat: seats.length - 1 };
    };
    const { activities } = matchFakes({
      confirmSeat,
      closeLobby: async () => ({ result: 'starting', playerIds: [...seats] }),
    });
    await world.withActivities(activities, async (taskQueue) => {
      const joins = players(3).map((playerId) => joinMatch(taskQueue, matchId, playerId, playerId, 4_000));
      expect(await joins[2]).toMatchObject({ joined: true });
      const handle: Handle = world.env.client.workflow.getHandle(`match-${matchId}`);
      await handle.result();
      expect(await detailsOf(handle)).toContain('started with 3 players');
    });
  });
});

describe('hosting', () => {
  test('goes on with the next fence when a host is lost', async () => {
    let tries = 0;
    const fences: number[] = [];
    const { result, details, handle } = await play(6, {
      claimHost: async () => claimOf(++tries === 1 ? 'host-a' : 'host-b', tries),
      hostMatch: async ({ fence }) => {
        fences.push(fence);
        return fence < 2 ? lost() : { status: 'finished', endTick: 120 };
      },
    });
    expect(result).toEqual({ status: 'finished' });
    expect(fences).toEqual([1, 2]);
    expect(details).toContain('host `host-a` (fence 1) was lost: the host could not go on');
    await world.keep('match-host-lost', handle);
  });

  test('more than five losses void the match: seats are freed, nobody is paid', async () => {
    const { result, calls, details, handle } = await play(6, { hostMatch: lost });
    expect(result).toEqual({ status: 'voided', reason: 'too_many_host_losses' });
    expect(calls.filter((name) => name === 'hostMatch')).toHaveLength(6);
    expect(calls.at(-1)).toBe('voidMatch');
    expect(calls).not.toContain('settleMatch');
    expect(details).toContain('voided: too_many_host_losses');
    await world.keep('match-voided', handle);
  });

  test('drains do not count as losses', async () => {
    let tries = 0;
    const hostMatch: MatchFakes['hostMatch'] = async () =>
      ++tries <= 8 ? { status: 'draining' } : { status: 'finished', endTick: 1 };
    const { result, calls, details, handle } = await play(6, { hostMatch });
    expect(result).toEqual({ status: 'finished' });
    expect(calls.filter((name) => name === 'claimHost')).toHaveLength(9);
    expect(details).toContain('(fence 1) is stopping');
    await world.keep('match-drained', handle);
  });

  test('a match without a host waits, says so, and goes on when one has room', async () => {
    let tries = 0;
    const claimHost: MatchFakes['claimHost'] = async () =>
      ++tries <= 4 ? { result: 'no_room' } : claimOf('host-a', 1);
    const { result, tookMs } = await play(6, { claimHost });
    expect(result).toEqual({ status: 'finished' });
    expect(tookMs).toBeGreaterThanOrEqual(18_000 - 1_000);
  });

  test('a match nobody hosts for ten minutes is voided', async () => {
    const { result, handle } = await play(6, { claimHost: async () => ({ result: 'no_room' }) });
    expect(result).toEqual({ status: 'voided', reason: 'no_host' });
    await world.keep('match-no-host', handle);
  });

  test('a log that turns out to have an end is settled, whoever lost it', async () => {
    const { result, calls } = await play(6, { claimHost: async () => ({ result: 'not_running' }) });
    expect(result).toEqual({ status: 'finished' });
    expect(calls).not.toContain('hostMatch');
  });
});

describe('the database', () => {
  test('may be away at any step: each is tried again until it answers', async () => {
    const failures = new Map<string, number>();
    const away = (name: string) => {
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      if (count <= 3) throw new Error('the database is away');
    };
    const { activities } = matchFakes();
    const flaky = Object.fromEntries(
      (['drawSeed', 'lockLoadouts', 'settleMatch'] as const).map((name) => [
        name,
        async (input: never) => {
          away(name);
          return activities[name](input);
        },
      ]),
    );
    const { result, handle } = await play(6, flaky);
    expect(result).toEqual({ status: 'finished' });
    await world.keep('match-database-away', handle);
    expect([...failures.values()].every((count) => count > 3)).toBe(true);
  });
});

test('a join during the last task runs the task again and the match still ends once', async () => {
  let settles = 0;
  const joining = Promise.withResolvers<void>();
  const settleMatch: MatchFakes['settleMatch'] = async () => {
    settles++;
    await joining.promise;
    // a sent update is seen by nobody before the task has ended: this is the time for it to arrive
    if (settles === 1) await new Promise((resolve) => setTimeout(resolve, 1_500));
    return { endTick: 1, reviewRequired: false, players: [] };
  };
  await withMatch(6, { settleMatch }, async ({ handle, taskQueue, matchId }) => {
    while (settles === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const joined = joinMatch(taskQueue, matchId, 'p1', 'retry at the end');
    joining.resolve();
    expect(await joined).toMatchObject({ joined: true, seat: 0 });
    expect(await handle.result()).toEqual({ status: 'finished' });
    await world.keep('match-joined-at-the-end', handle);
  });
});

// These two leave an activity behind, and with it a clock that no longer skips: they come last.
test('an operator who cancels the workflow voids the match', async () => {
  const hostMatch = hosting;
  await withMatch(6, { hostMatch }, async ({ handle, calls }) => {
    await untilDetails(handle, 'played on host');
    await handle.cancel();
    expect(await handle.result()).toEqual({ status: 'voided', reason: 'an operator cancelled the workflow' });
    expect(calls).toContain('voidMatch');
    await world.keep('match-operator-cancelled', handle);
  });
});

test('a host that falls silent is replaced when its heartbeats have been missing for 5 s', async () => {
  let tries = 0;
  const { result, details, handle } = await play(6, {
    claimHost: async () => claimOf(++tries === 1 ? 'host-a' : 'host-b', tries),
    hostMatch: ({ fence }) => (fence === 1 ? hosting() : Promise.resolve({ status: 'finished', endTick: 9 })),
  });
  expect(result).toEqual({ status: 'finished' });
  expect(details).toContain('(fence 1) was lost: it fell silent');
  await world.keep('match-host-silent', handle);
});
