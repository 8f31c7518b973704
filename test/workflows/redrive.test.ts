import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RedriveActivities, StretchReply } from '../../activities/redrive/types.ts';
import { redriveDecided, searchKeys, workflowIds } from '../../workflows/messages.ts';
import type { RedriveInput, RedriveResult } from '../../workflows/messages.ts';
import { failing } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld, tookMs, untilDetails } from './world.ts';

const world = timeSkippingWorld('events', ['workOffLetters', 'dropRedrive']);

type Letter = StretchReply['letters'][number];
const letter = (
  deadLetterId: string,
  outcome: Letter['outcome'] = 'handled',
  more: Partial<Letter> = {},
) => ({
  deadLetterId,
  outcome,
  detail: {},
  releasedCount: 0,
  ...more,
});

/** What a stretch over these letters answers, of `letterCount`. */
function stretch(letters: Letter[], more: Partial<StretchReply> = {}): StretchReply {
  const kept = letters.filter(({ outcome }) => outcome === 'failed').length;
  return {
    state: 'completed',
    requestedBy: 'client:ops',
    preview: false,
    discardReason: null,
    ratePerSecond: null,
    letterCount: letters.length,
    doneCount: letters.length,
    handledCount: letters.length - kept,
    keptCount: kept,
    releasedCount: letters.reduce((sum, { releasedCount }) => sum + releasedCount, 0),
    percent: 100,
    leftMs: null,
    letters,
    ...more,
  };
}

/** Answers one stretch after another, the last one again and again. */
function fakes(replies: StretchReply[], overrides: Partial<RedriveActivities> = {}) {
  const calls: string[] = [];
  const activities: RedriveActivities = {
    workOffLetters(input) {
      calls.push('stretch');
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      return overrides.workOffLetters?.(input) ?? Promise.resolve(reply!);
    },
    dropRedrive() {
      calls.push('drop');
      return Promise.resolve(stretch([], { state: 'cancelled', letterCount: 3, doneCount: 1, percent: 33 }));
    },
  };
  return { calls, activities };
}

function start(taskQueue: string) {
  const redriveId = randomUUID();
  return world.env.client.workflow.start<(input: RedriveInput) => Promise<RedriveResult>>('redrive', {
    workflowId: workflowIds.redrive(redriveId),
    taskQueue,
    args: [{ redriveId }],
  });
}

test('hands letters over stretch by stretch, and its details tell what became of each', async () => {
  const first = stretch([letter('a', 'handled', { releasedCount: 2 })], {
    state: 'running',
    letterCount: 4,
    doneCount: 1,
    percent: 25,
    leftMs: 9e3,
    ratePerSecond: 10,
  });
  const failed = letter('b', 'failed', {
    detail: { errorClass: 'TypeError', errorMessage: 'still poison' },
  });
  const rest = [failed, letter('c', 'already_handled'), letter('d', 'parked_behind')];
  const { calls, activities } = fakes([
    first,
    stretch(rest, {
      letterCount: 4,
      doneCount: 4,
      handledCount: 2,
      keptCount: 2,
      releasedCount: 2,
    }),
  ]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({
      status: 'completed',
      handledCount: 2,
      keptCount: 2,
      releasedCount: 2,
    });
    await world.keep('redrive-handled', handle);
    expect(calls).toEqual(['stretch', 'stretch']);
    const details = await detailsOf(handle);
    expect(details).toContain('### Redrive of 4 dead letters by `client:ops`');
    expect(details).toContain('**4 of 4** letters (100 %)');
    expect(details).toContain('2 handled, 2 stay, 2 events behind them handled');
    expect(details).toContain('- [`a`](/v1/dead-letters/a): handled; 2 events behind it handled');
    expect(details).toContain('[`b`](/v1/dead-letters/b): failed again, TypeError: still poison');
    expect(details).toContain('had been handled before');
    expect(details).toContain('stays: an earlier event of its key waits and goes first');
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
  });
});

test('a preview says what would become of each letter and how many events would follow', async () => {
  const letters = [
    letter('a', 'handled', { detail: { parkedBehindCount: 3 } }),
    letter('b', 'dead', { detail: { errorClass: 'undecodable', errorMessage: 'no Avro' } }),
    letter('c', 'no_handler'),
    letter('d', 'too_many_attempts'),
    letter('e', 'closed_before'),
    letter('f', 'gone'),
  ];
  const { activities } = fakes([stretch(letters, { preview: true, handledCount: 1, keptCount: 3 })]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ handledCount: 1, keptCount: 3, releasedCount: 0 });
    await world.keep('redrive-preview', handle);
    const details = await detailsOf(handle);
    expect(details).toContain('### Preview of 6 dead letters');
    expect(details).toContain('1 would be handled, 3 would stay');
    expect(details).toContain('would be: handled; 3 events behind it would follow');
    expect(details).toContain('would be: can never be handled, undecodable: no Avro');
  });
});

test('a discard names its reason', async () => {
  const { activities } = fakes([stretch([letter('a', 'discarded')], { discardReason: 'sent by mistake' })]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ status: 'completed', handledCount: 1 });
    await world.keep('redrive-discarded', handle);
    const details = await detailsOf(handle);
    expect(details).toContain('### Discard of 1 dead letter by');
    expect(details).toContain('reason: sent by mistake');
  });
});

test('survives a database that is away', async () => {
  const done = stretch([letter('a')]);
  const { activities } = fakes([done], { workOffLetters: failing(4, done) });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ handledCount: 1 });
    await world.keep('redrive-stalled', handle);
  });
});

test('a paused redrive waits until it is woken, and then goes on', async () => {
  const half = { letterCount: 2, doneCount: 1, percent: 50 };
  const { calls, activities } = fakes([
    stretch([letter('a')], { state: 'paused', ...half }),
    stretch([letter('b')], { letterCount: 2, doneCount: 2 }),
  ]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    await untilDetails(handle, '**now:** paused by an operator; `POST /v1/redrives/');
    expect(calls).toEqual(['stretch']);
    await handle.signal(redriveDecided);
    expect(await handle.result()).toMatchObject({ status: 'completed' });
    await world.keep('redrive-paused', handle);
    expect(calls).toEqual(['stretch', 'stretch']);
  });
});

test('a nudge that is lost costs an hour, not the redrive', async () => {
  const paused = { state: 'paused', letterCount: 1, doneCount: 0, percent: 0 } as const;
  const { activities } = fakes([stretch([], paused), stretch([letter('a')])]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ status: 'completed' });
    await world.keep('redrive-nudge-lost', handle);
    expect(await tookMs(handle)).toBeGreaterThanOrEqual(3_600_000);
  });
});

test('a cancelled redrive ends between two letters and says how far it came', async () => {
  const { calls, activities } = fakes([
    stretch([letter('a')], { state: 'cancelled', letterCount: 3, doneCount: 1, percent: 33 }),
  ]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ status: 'cancelled', handledCount: 1 });
    await world.keep('redrive-cancelled', handle);
    expect(calls).toEqual(['stretch']);
    expect(await detailsOf(handle)).toContain('cancelled after 1 of 3');
  });
});

test('cancelled as a workflow, its row is ended too', async () => {
  const { calls, activities } = fakes([stretch([], { state: 'paused', letterCount: 3, doneCount: 1 })]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    await untilDetails(handle, 'paused by an operator');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ status: 'cancelled' });
    await world.keep('redrive-dropped', handle);
    expect(calls).toEqual(['stretch', 'drop']);
    expect(await detailsOf(handle)).toContain('an operator cancelled the workflow');
  });
});

test('a long redrive goes on in another run, which still tells of the first letters', async () => {
  const of = (from: number) =>
    stretch(
      Array.from({ length: 50 }, (_, n) => letter(`l${from + n}`)),
      { state: 'running', letterCount: 1_050, doneCount: from + 50 },
    );
  const replies = Array.from({ length: 20 }, (_, n) => of(n * 50));
  const last = stretch(
    Array.from({ length: 50 }, (_, n) => letter(`l${1_000 + n}`)),
    { letterCount: 1_050, doneCount: 1_050, handledCount: 1_050 },
  );
  const { calls, activities } = fakes([...replies, last]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ status: 'completed', handledCount: 1_050 });
    expect(calls).toHaveLength(21);
    const newest = world.env.client.workflow.getHandle(handle.workflowId);
    await world.keep('redrive-continued', newest);
    expect((await newest.describe()).runId).not.toBe(handle.firstExecutionRunId);
    const details = await detailsOf(newest);
    expect(details).toContain('[`l24`]');
    expect(details).not.toContain('[`l25`]');
    expect(details).toContain('**1050 of 1050** letters');
  });
});
