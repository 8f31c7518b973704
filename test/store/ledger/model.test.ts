import { beforeAll, test } from 'vitest';
import { testDatabase } from '../../support/database.ts';
import { runModel, seedModel } from './model-run.ts';

/**
 * Stories of posts, holds, expiries, items, repeats, undone steps, lost answers and callers at once are told to the ledger
 * and to the simple books of `model-books.ts`; they must agree about every answer and every balance. The seeds are fixed,
 * so that a failure is a bug and not a mood; it names seed and path and shrinks to the shortest story.
 *
 * New stories: `npx vitest run --project integration --mode explore test/store/ledger/model.test.ts`.
 */
const { db } = await testDatabase();
beforeAll(() => seedModel(db));

const isExploring = (import.meta as { env?: { MODE?: string } }).env?.MODE === 'explore';
const plan = (seed: number, runCount: number) =>
  isExploring ? { seed: Math.trunc(Math.random() * 2 ** 31), runCount: runCount * 20 } : { seed, runCount };

test(
  'one after another: every answer and balance is that of the simple books',
  { timeout: 600_000, retry: 0 },
  () => runModel(db, plan(20261121, 15)),
);

test(
  'at once: answers and balances are those of some order of the journals',
  { timeout: 600_000, retry: 0 },
  () => runModel(db, { ...plan(77, 8), crowded: true }),
);
