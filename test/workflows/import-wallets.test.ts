import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ImportActivities, ImportStep } from '../../activities/imports/types.ts';
import { importProgress, importStart, searchKeys } from '../../workflows/messages.ts';
import type { ImportInput, ImportResult } from '../../workflows/messages.ts';
import { failing } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld, tookMs, untilDetails } from './world.ts';

const world = timeSkippingWorld('economy', ['readImport', 'postImportLines', 'completeImport']);
const step = (lastLine: number | null, change: Partial<ImportStep> = {}): ImportStep => ({
  lastLine,
  postedCount: lastLine ?? 20,
  refusedCount: 0,
  waitsFor: null,
  ...change,
});

/** Answers each call for lines with the next step, and remembers what was asked. */
function fakes(steps: (ImportStep | (() => Promise<ImportStep>))[]) {
  const asked: number[] = [];
  const activities: ImportActivities = {
    readImport: async () => ({
      batch: 'spring',
      lineCount: 20,
      postedCount: 0,
      refusedCount: 0,
      brings: '900 gold, 2 iron_sword',
    }),
    postImportLines: async ({ afterLine }) => {
      asked.push(afterLine);
      const next = steps.shift();
      if (next === undefined) throw new Error('asked once too often');
      return typeof next === 'function' ? next() : next;
    },
    completeImport: async () => ({ postedCount: 19, refusedCount: 1 }),
  };
  return { asked, activities };
}

function start(taskQueue: string) {
  const { args, ...options } = importStart({ importId: randomUUID(), batch: 'spring' });
  return world.env.client.workflow.start<(input: ImportInput) => Promise<ImportResult>>('importWallets', {
    ...options,
    args,
    taskQueue,
  });
}

test('posts all lines in their order and says how it went', async () => {
  const { asked, activities } = fakes([
    step(10),
    step(20, { postedCount: 19, refusedCount: 1 }),
    step(null, { postedCount: 19, refusedCount: 1 }),
  ]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({ postedCount: 19, refusedCount: 1 });
    await world.keep('import-completed', handle);
    expect(asked).toEqual([0, 10, 20]);
    const details = await detailsOf(handle);
    expect(details).toContain('### Import `spring`');
    expect(details).toContain('20 lines bring 900 gold, 2 iron_sword');
    expect(details).toContain('completed: 19 lines posted, 1 refused');
    expect(await handle.query(importProgress)).toEqual({ lineCount: 20, postedCount: 19, refusedCount: 1 });
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
  });
});

test('lines behind a closed valve wait, the others go on, and all of them are looked at again', async () => {
  const closed = 'The valve source:opening is closed.';
  const { asked, activities } = fakes([
    step(10, { postedCount: 0, waitsFor: closed }),
    step(20),
    step(null),
    step(10, { postedCount: 0, waitsFor: closed }),
    step(null),
    step(10),
    step(null),
  ]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ postedCount: 19 });
    await world.keep('import-behind-a-valve', handle);
    expect(asked).toEqual([0, 10, 20, 0, 10, 0, 10]);
    // half a minute, then a whole one
    expect(await tookMs(handle)).toBeGreaterThanOrEqual(90_000);
  });
});

test('a pass may end before the last line, and the next one begins at the first', async () => {
  const closed = 'The valve channel:imports is closed.';
  const { asked, activities } = fakes([
    step(10),
    step(null, { postedCount: 10, waitsFor: closed }),
    step(20),
    step(null),
  ]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ postedCount: 19 });
    expect(asked).toEqual([0, 10, 0, 20]);
  });
});

test('while it waits its details say for what', async () => {
  let release: (step: ImportStep) => void = () => {};
  const { activities } = fakes([
    step(20, { postedCount: 10, waitsFor: 'The valve source:opening is closed.' }),
    step(null, { postedCount: 10 }),
    () => new Promise((resolve) => void (release = resolve)),
  ]);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    const details = await untilDetails(handle, 'waits: The valve source:opening is closed.');
    expect(details).toContain('10 of 20 posted, 0 refused; the rest is tried again at');
    await handle.terminate();
    release(step(null));
  });
});

test('survives a database that is away', async () => {
  const { activities } = fakes([]);
  const flaky = failing(3, step(10));
  activities.postImportLines = ({ afterLine }) => (afterLine === 0 ? flaky() : Promise.resolve(step(null)));
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ refusedCount: 1 });
    await world.keep('import-stalled', handle);
  });
});
