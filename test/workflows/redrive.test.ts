import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type {
  RedriveActivities,
  RedriveLetterReply,
  ReleaseParkedReply,
} from '../../activities/redrive/types.ts';
import { cancelRedrive, redriveProgress, searchKeys, workflowIds } from '../../workflows/messages.ts';
import type { RedriveInput, RedriveResult } from '../../workflows/messages.ts';
import { failing } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld } from './world.ts';

const world = timeSkippingWorld('events', ['redriveLetter', 'releaseParked']);
const handled: RedriveLetterReply = { status: 'handled' };
const nothing: ReleaseParkedReply = { releasedCount: 0, status: 'nothing_parked' };

/** Records the letters each activity is asked about, in order. */
function fakes(overrides: Partial<RedriveActivities> = {}) {
  const calls: string[] = [];
  const activities: RedriveActivities = {
    redriveLetter: (input) => {
      calls.push(`letter ${input.letterId}`);
      return overrides.redriveLetter?.(input) ?? Promise.resolve(handled);
    },
    releaseParked: (input) => {
      calls.push(`parked ${input.letterId}`);
      return overrides.releaseParked?.(input) ?? Promise.resolve(nothing);
    },
  };
  return { calls, activities };
}

function start(taskQueue: string, deadLetterIds: string[], discardReason: string | null = null) {
  const input: RedriveInput = {
    redriveId: randomUUID(),
    deadLetterIds,
    actor: 'operator:test',
    discardReason,
  };
  return world.env.client.workflow.start<(input: RedriveInput) => Promise<RedriveResult>>('redrive', {
    workflowId: workflowIds.redrive(input.redriveId),
    taskQueue,
    args: [input],
  });
}

test('hands over one letter after another, and what waited behind each before the next', async () => {
  const { calls, activities } = fakes({
    releaseParked: async ({ letterId }) =>
      letterId === 'a' ? { releasedCount: 2, status: 'unparked' } : nothing,
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue, ['a', 'b']);
    expect(await handle.result()).toEqual({ handled: 2, failedAgain: 0, parkedReleased: 2 });
    await world.keep('redrive-handled', handle);
    expect(calls).toEqual(['letter a', 'parked a', 'letter b', 'parked b']);
    const details = await detailsOf(handle);
    expect(details).toContain('### Redrive of 2 dead letters by `operator:test`');
    expect(details).toContain(
      '- [`a`](/v1/dead-letters/a): handled\n- 2 events behind `a` handled; the key is free',
    );
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
  });
});

test('a letter that fails again stays, and what waits behind it keeps waiting; the others go on', async () => {
  const { calls, activities } = fakes({
    redriveLetter: async ({ letterId }) =>
      letterId === 'a' ? { status: 'failed', errorClass: 'Error', errorMessage: 'still poison' } : handled,
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue, ['a', 'b']);
    expect(await handle.result()).toEqual({ handled: 1, failedAgain: 1, parkedReleased: 0 });
    await world.keep('redrive-failed-again', handle);
    expect(calls).toEqual(['letter a', 'letter b', 'parked b']);
    expect(await detailsOf(handle)).toContain('failed again, Error: still poison');
  });
});

test('a letter that was closed before is not counted, but what waits behind it is released', async () => {
  const { activities } = fakes({
    redriveLetter: async () => ({ status: 'closed_before' }),
    releaseParked: async () => ({ releasedCount: 1, status: 'blocked' }),
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue, ['a']);
    expect(await handle.result()).toEqual({ handled: 0, failedAgain: 0, parkedReleased: 1 });
    await world.keep('redrive-closed-before', handle);
    expect(await detailsOf(handle)).toContain('the key stays parked behind another letter');
  });
});

test('a discard closes the letter with its reason', async () => {
  const reasons: (string | null)[] = [];
  const { activities } = fakes({
    redriveLetter: async ({ discardReason }) => (reasons.push(discardReason), { status: 'discarded' }),
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue, ['a'], 'sent by mistake');
    expect(await handle.result()).toEqual({ handled: 1, failedAgain: 0, parkedReleased: 0 });
    await world.keep('redrive-discarded', handle);
    expect(reasons).toEqual(['sent by mistake']);
    expect(await detailsOf(handle)).toContain('### Discard of 1 dead letter by');
  });
});

test('survives a database that is away', async () => {
  const { activities } = fakes({ redriveLetter: failing(4, handled) });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue, ['a']);
    expect(await handle.result()).toMatchObject({ handled: 1 });
    await world.keep('redrive-stalled', handle);
  });
});

test('can be cancelled between two letters, and says how far it came', async () => {
  let release: (reply: RedriveLetterReply) => void = () => {};
  const { calls, activities } = fakes({
    redriveLetter: () => new Promise((resolve) => void (release = resolve)),
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue, ['a', 'b', 'c']);
    while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await handle.query(redriveProgress)).toMatchObject({ total: 3, done: 0, current: 'a' });
    await handle.signal(cancelRedrive);
    release(handled);
    expect(await handle.result()).toMatchObject({ handled: 1 });
    await world.keep('redrive-cancelled', handle);
    expect(calls).toEqual(['letter a', 'parked a']);
    expect(await detailsOf(handle)).toContain('cancelled after 1 of 3');
  });
});
