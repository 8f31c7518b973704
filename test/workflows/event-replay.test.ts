import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import type { EventReplayActivities, ReplayView } from '../../activities/event-replay/types.ts';
import { eventReplayStart, replayDecided, searchKeys } from '../../workflows/messages.ts';
import type { EventReplayInput, EventReplayResult } from '../../workflows/messages.ts';
import { recorded } from './recorded.ts';
import { detailsOf, timeSkippingWorld, untilDetails } from './world.ts';

const world = timeSkippingWorld('events', [
  'prepareReplay',
  'runReplay',
  'readReplay',
  'closeReplay',
  'dropReplay',
]);

const pinned: ReplayView = {
  topic: 'game.match',
  target: 'topic game.match.replay',
  requestedBy: 'client:studio',
  state: 'running',
  reason: null,
  warnings: [],
  totalCount: 200,
  doneCount: 0,
  matchedCount: 0,
  handledCount: 0,
  failedCount: 0,
  duplicateCount: 0,
  percent: 0,
  etaSeconds: null,
  eventsPerSecond: null,
};
const halfway: ReplayView = { ...pinned, doneCount: 100, percent: 50, etaSeconds: 30, eventsPerSecond: 4 };
const completed: ReplayView = {
  ...pinned,
  state: 'completed',
  doneCount: 200,
  percent: 100,
  matchedCount: 150,
  handledCount: 148,
  failedCount: 1,
  duplicateCount: 1,
  etaSeconds: 0,
};

/** Answers one after another, the last one again and again. */
const inTurn = (...views: ReplayView[]) => {
  let n = 0;
  return () => Promise.resolve(views[Math.min(n++, views.length - 1)]!);
};

const fakes = (overrides: Partial<EventReplayActivities> = {}) =>
  recorded<EventReplayActivities>({
    prepareReplay: inTurn(pinned),
    runReplay: inTurn(completed),
    readReplay: inTurn(halfway),
    closeReplay: inTurn(completed),
    dropReplay: inTurn({ ...halfway, state: 'cancelled' }),
    ...overrides,
  });

const start = (taskQueue: string) =>
  world.env.client.workflow.start<(input: EventReplayInput) => Promise<EventReplayResult>>('eventReplay', {
    ...eventReplayStart({ replayId: randomUUID(), topic: 'game.match', target: 'topic game.match.replay' }),
    taskQueue,
  });

test('pins the window, reads it, and says what became of it', async () => {
  const { calls, activities } = fakes();
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({
      state: 'completed',
      matchedCount: 150,
      handledCount: 148,
      failedCount: 1,
      duplicateCount: 1,
    });
    await world.keep('event-replay-completed', handle);
    expect(calls).toEqual(['prepareReplay', 'runReplay', 'closeReplay']);
    const details = await detailsOf(handle);
    expect(details).toContain('### Event replay: `game.match` to topic game.match.replay');
    expect(details).toContain('200 offsets · asked for by `client:studio`');
    expect(details).toContain('completed: 150 matched, 148 handled, 1 handled before, 1 failed');
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
  });
});

test('says how far it is and when it will be done, while it reads', async () => {
  const release = Promise.withResolvers<ReplayView>();
  const { activities } = fakes({ runReplay: () => release.promise });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await untilDetails(handle, '50 %, 100 of 200')).toContain('done about 20');
    release.resolve(completed);
    await handle.result();
    await world.keep('event-replay-told', handle);
  });
});

test('a paused replay waits for a decision, and reads on when it is resumed', async () => {
  const paused: ReplayView = { ...halfway, state: 'paused' };
  const { calls, activities } = fakes({
    runReplay: inTurn(paused, completed),
    readReplay: inTurn(halfway),
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    await untilDetails(handle, 'paused at 50 %');
    await handle.signal(replayDecided);
    expect((await handle.result()).state).toBe('completed');
    await world.keep('event-replay-resumed', handle);
    expect(calls).toEqual(['prepareReplay', 'runReplay', 'readReplay', 'runReplay', 'closeReplay']);
  });
});

test('a decision whose nudge was lost is found all the same', async () => {
  const paused: ReplayView = { ...halfway, state: 'paused' };
  const { activities } = fakes({
    runReplay: inTurn(paused),
    readReplay: inTurn(paused, { ...halfway, state: 'cancelled' }),
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    // time is skipped to the looks at the row
    expect((await handle.result()).state).toBe('cancelled');
    await world.keep('event-replay-nudge-lost', handle);
  });
});

test('a cancelled replay ends where it is', async () => {
  const cancelled: ReplayView = { ...halfway, state: 'cancelled', handledCount: 99, matchedCount: 99 };
  const { calls, activities } = fakes({ runReplay: inTurn(cancelled), closeReplay: inTurn(cancelled) });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ state: 'cancelled', handledCount: 99 });
    await world.keep('event-replay-cancelled', handle);
    expect(calls).toEqual(['prepareReplay', 'runReplay', 'closeReplay']);
    expect(await detailsOf(handle)).toContain('cancelled: 99 matched');
  });
});

test('a replay whose workflow is cancelled ends, and does not hold its target', async () => {
  const paused: ReplayView = { ...halfway, state: 'paused' };
  const { calls, activities } = fakes({ runReplay: inTurn(paused), readReplay: inTurn(paused) });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    await untilDetails(handle, 'paused at 50 %');
    await handle.cancel();
    expect((await handle.result()).state).toBe('cancelled');
    await world.keep('event-replay-workflow-cancelled', handle);
    expect(calls.slice(-2)).toEqual(['dropReplay', 'closeReplay']);
    expect(await detailsOf(handle)).toContain('an operator cancelled the workflow');
  });
});

test('a replay that cannot be says why, and its run is not failed', async () => {
  const failed: ReplayView = {
    ...pinned,
    state: 'failed',
    totalCount: 0,
    reason: 'Kafka has no topic game.match',
  };
  const { calls, activities } = fakes({ prepareReplay: inTurn(failed), closeReplay: inTurn(failed) });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect((await handle.result()).state).toBe('failed');
    await world.keep('event-replay-failed', handle);
    expect(calls).toEqual(['prepareReplay', 'closeReplay']);
    expect(await detailsOf(handle)).toContain('**failed**: Kafka has no topic game.match');
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('failed');
  });
});

test('an empty window is said to hold nothing, and what is gone from the topic is noted', async () => {
  const empty: ReplayView = { ...pinned, totalCount: 0, percent: 100, warnings: ['partition 0: gone'] };
  const { activities } = fakes({
    prepareReplay: inTurn(empty),
    runReplay: inTurn({ ...empty, state: 'completed' }),
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    await handle.result();
    await world.keep('event-replay-empty', handle);
    const details = await detailsOf(handle);
    expect(details).toContain('- note: partition 0: gone\n- the window holds nothing');
  });
});

test('a worker that is lost, or servers that are away, cost time and nothing else', async () => {
  let attempt = 0;
  const { activities } = fakes({
    runReplay: () => {
      attempt += 1;
      if (attempt < 3) throw ApplicationFailure.retryable('Kafka is away', 'Error');
      return Promise.resolve(completed);
    },
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect((await handle.result()).state).toBe('completed');
    await world.keep('event-replay-stalled', handle);
    expect(attempt).toBe(3);
  });
});

test('a run that is handed on while the replay is still to run reads on', async () => {
  const { calls, activities } = fakes({ runReplay: inTurn(halfway, completed) });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect((await handle.result()).state).toBe('completed');
    await world.keep('event-replay-handed-on', handle);
    expect(calls).toEqual(['prepareReplay', 'runReplay', 'runReplay', 'closeReplay']);
  });
});

test('a replay that has been paused for weeks goes on as another run, from where its row is', async () => {
  const paused: ReplayView = { ...halfway, state: 'paused' };
  const { calls, activities } = fakes({
    // what a second run is told when it asks for the window: it was pinned long ago
    prepareReplay: () => Promise.resolve(calls.length > 1 ? halfway : paused),
    readReplay: inTurn(paused),
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    // looks at the row, an hour apart, until the history is as long as the server lets one grow
    expect(await handle.result()).toMatchObject({ state: 'completed', handledCount: 148 });
    const newest = world.env.client.workflow.getHandle(handle.workflowId);
    await world.keep('event-replay-continued', newest);
    expect((await newest.describe()).runId).not.toBe(handle.firstExecutionRunId);
    expect(calls.filter((name) => name === 'prepareReplay')).toHaveLength(2);
    expect(calls.slice(-3)).toEqual(['prepareReplay', 'runReplay', 'closeReplay']);
    expect(await detailsOf(newest)).toContain('completed: 150 matched');
  });
});
