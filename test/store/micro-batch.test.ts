import { expect, test } from 'vitest';
import { createMicroBatch } from '../../store/micro-batch.ts';

/** Answers each number with its double, when told to. */
function doubling(options: { countMax?: number; failsOn?: number; code?: string } = {}) {
  const batches: (readonly number[])[] = [];
  const ask = createMicroBatch({
    ...(options.countMax !== undefined && { countMax: options.countMax }),
    nameOf: String,
    run: async (numbers: readonly number[]) => {
      batches.push(numbers);
      await new Promise((resume) => setImmediate(resume));
      if (options.failsOn !== undefined && numbers.includes(options.failsOn))
        throw Object.assign(new Error('refused'), { code: options.code });
      return numbers.map((number) => number * 2);
    },
  });
  return { ask, batches };
}

test('questions of one moment share a statement, and each gets its own answer', async () => {
  const { ask, batches } = doubling();
  expect(await Promise.all([1, 2, 3].map(ask))).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test('an answer is never older than its question: who asks meanwhile goes with the next', async () => {
  const { ask, batches } = doubling();
  const first = ask(1);
  await new Promise((resume) => setImmediate(resume));
  expect(batches).toEqual([[1]]);
  expect(await Promise.all([first, ask(2), ask(3)])).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1], [2, 3]]);
});

test('questions of one name never travel together, and batches are bounded', async () => {
  const { ask, batches } = doubling({ countMax: 2 });
  expect(await Promise.all([1, 1, 2, 3].map(ask))).toEqual([2, 2, 4, 6]);
  expect(batches).toEqual([
    [1, 2],
    [1, 3],
  ]);
});

test('a value that PostgreSQL refuses fails its own question alone', async () => {
  const { ask } = doubling({ failsOn: 2, code: '22021' });
  const outcomes = await Promise.allSettled([1, 2, 3].map(ask));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a lost connection fails them all at once: it would be lost for each of them', async () => {
  const { ask, batches } = doubling({ failsOn: 2, code: '57P01' });
  const outcomes = await Promise.allSettled([1, 2, 3].map(ask));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(batches).toHaveLength(1);
});
