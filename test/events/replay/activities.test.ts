import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { createEventReplayActivities } from '../../../activities/event-replay/event-replay-activities.ts';
import type { EventReplayActivities, ReplayView } from '../../../activities/event-replay/types.ts';
import { createEffects, readEffects, recording } from '../recording.ts';
import { countRows, eventTools } from '../support.ts';
import { openNew, recordOf, replayDeps, replayOf } from './support.ts';

const tools = await eventTools(['game.match'], 2);
const { db, broker } = tools;
await createEffects(tools.url);

const match = randomUUID();
const eventCount = 60;
const reasons = Array.from({ length: eventCount }, (_, n) => `${n}`);
await broker.send(
  reasons.map((reason) => recordOf(tools, match, reason)),
  10_000,
);

const handler = recording(undefined, { replaySafe: true });
const target = { kind: 'handler', group: handler.group, mode: 'real' } as const;
const acting = (options?: { stretchMs?: number }) =>
  createEventReplayActivities(replayDeps(tools, [handler]), options);
const call = (
  activities: EventReplayActivities,
  name: keyof EventReplayActivities,
  replayId: string,
): Promise<ReplayView> =>
  new MockActivityEnvironment().run<[{ replayId: string }], ReplayView, EventReplayActivities[typeof name]>(
    activities[name],
    { replayId },
  );

test('a replay that lasts is handed back stretch by stretch, and read on: each effect once, in order', async () => {
  const replayId = await openNew(tools, target, { rate: 30 });
  let view = await call(acting(), 'prepareReplay', replayId);
  let stretchCount = 0;
  while (view.state === 'running') {
    stretchCount += 1;
    // longer each time: on a slow machine the first may end before anything is read
    view = await call(acting({ stretchMs: 400 * stretchCount }), 'runReplay', replayId);
  }
  expect(view).toMatchObject({ state: 'completed', handledCount: eventCount, duplicateCount: 0 });
  expect(stretchCount).toBeGreaterThan(1);
  expect(await readEffects(db, handler.group, match)).toEqual(reasons);
  await call(acting(), 'closeReplay', replayId);
  expect(await countRows(db, 'replay_seen')).toBe(0);
});

test('one that is dropped ends in its row, once; one that has ended stays as it ended', async () => {
  const activities = acting();
  const audits = (replayId: string) =>
    countRows(db, 'audit_entries', `target = '${replayId}' AND action = 'replay.cancelled'`);
  const dropped = await openNew(tools, target);
  await call(activities, 'prepareReplay', dropped);
  for (const _ of ['first', 'again'])
    expect(await call(activities, 'dropReplay', dropped)).toMatchObject({ state: 'cancelled' });
  expect((await replayOf(tools, dropped)).endedAt).not.toBeNull();
  expect(await audits(dropped)).toBe(1);
  // nothing more is read of it
  expect(await call(activities, 'runReplay', dropped)).toMatchObject({ state: 'cancelled', doneCount: 0 });

  const ended = await openNew(tools, target);
  await call(activities, 'prepareReplay', ended);
  await call(activities, 'runReplay', ended);
  expect(await call(activities, 'dropReplay', ended)).toMatchObject({
    state: 'completed',
    handledCount: eventCount,
  });
  expect(await audits(ended)).toBe(0);
});
