import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { LootError } from '../../../domain/errors.ts';
import { createMetrics } from '../../../platform/metrics.ts';
import type { Db } from '../../../store/db.ts';
import { createJournalBatcher } from '../../../store/ledger/journal-batcher.ts';
import { testDatabase } from '../../support/database.ts';
import { goldOf, hold, journal, move, newPlayer, pay, resolve, seedAssets } from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => seedAssets(db));

/** The same database, telling of each statement how many journals it carried and how many were on their way. */
function watched() {
  const sizes: number[] = [];
  let inFlight = 0;
  let inFlightMax = 0;
  const watching: Db = {
    ...db,
    query: async (statement, values) => {
      const parameters = typeof statement === 'string' ? [] : (statement.values ?? []);
      sizes.push(String(parameters[0]).split(',').length);
      inFlightMax = Math.max(inFlightMax, ++inFlight);
      try {
        return await db.query(statement, values);
      } finally {
        inFlight -= 1;
      }
    },
  };
  return { db: watching, sizes, inFlightMax: () => inFlightMax };
}

const grants = (player: string, count: number) =>
  Array.from({ length: count }, () => journal({ transfers: [pay(player, 1n)] }));

test('an idle batcher posts one journal at once, in one statement', async () => {
  const player = await newPlayer(db);
  const { db: watching, sizes } = watched();
  const batcher = createJournalBatcher({ db: watching });
  for (const one of grants(player, 3)) await batcher.post(one);
  await batcher.close();
  expect(sizes).toEqual([1, 1, 1]);
});

test('journals that arrive together travel together, in batches no larger than the limit', async () => {
  const player = await newPlayer(db);
  const { db: watching, sizes } = watched();
  const batcher = createJournalBatcher({ db: watching, batchCountMax: 8 });
  const results = await Promise.all(grants(player, 40).map((one) => batcher.post(one)));
  await batcher.close();
  expect(results.every(({ result }) => result === 'ok')).toBe(true);
  expect(sizes).toEqual([8, 8, 8, 8, 8]);
  expect((await goldOf(db, player)).balance).toBe(40n);
});

test('no more batches are on their way than there are lanes', async () => {
  const player = await newPlayer(db);
  const { db: watching, inFlightMax } = watched();
  const batcher = createJournalBatcher({ db: watching, batchCountMax: 2, laneCount: 2 });
  await Promise.all(grants(player, 24).map((one) => batcher.post(one)));
  await batcher.close();
  expect(inFlightMax()).toBe(2);
});

test('one key from many callers is one effect, and no lane waits for another because of it', async () => {
  const player = await newPlayer(db);
  const batcher = createJournalBatcher({ db, batchCountMax: 4, laneCount: 2 });
  const [one] = grants(player, 1);
  const results = await Promise.all(Array.from({ length: 32 }, () => batcher.post(one!)));
  await batcher.close();
  expect(results.filter(({ result }) => result === 'ok')).toHaveLength(1);
  expect(new Set(results.map((result) => 'journalId' in result && result.journalId)).size).toBe(1);
  expect((await goldOf(db, player)).balance).toBe(1n);
});

test('refusals in a batch leave the neighbours and their own keys alone', async () => {
  const [player, poor] = [await newPlayer(db), await newPlayer(db)];
  const batcher = createJournalBatcher({ db, laneCount: 1 });
  const refused = journal({ transfers: [move(poor, player, 5n)] });
  const [good, bad] = await Promise.all([batcher.post(grants(player, 1)[0]!), batcher.post(refused)]);
  expect([good.result, bad.result]).toEqual(['ok', 'insufficient_funds']);
  await batcher.post(journal({ transfers: [pay(poor, 5n)] }));
  expect((await batcher.post(refused)).result).toBe('ok');
  await batcher.close();
});

test.each([
  ['text that PostgreSQL does not store', { reason: 'a NUL \u0000 is not text' }],
  ['pinned data that is not JSON', { pinned: { when: undefined } as never }],
  ['an item id that is none', { movements: [{ code: 'mint', itemId: 'sword' } as never] }],
])('a journal with %s fails alone among sixteen, in few statements', async (_, parts) => {
  const player = await newPlayer(db);
  const { db: watching, sizes } = watched();
  const batcher = createJournalBatcher({ db: watching, laneCount: 1 });
  const journals = grants(player, 16);
  journals[5] = { ...journals[5]!, ...parts };
  const outcomes = await Promise.allSettled(journals.map((one) => batcher.post(one)));
  await batcher.close();
  expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([5]);
  expect((await goldOf(db, player)).balance).toBe(15n);
  // halves of sixteen, down to the one
  expect(sizes.length).toBeLessThanOrEqual(9);
});

test('an expired hold that a post meets is given back beside it', async () => {
  const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
  const batcher = createJournalBatcher({ db });
  const reserved = journal({ transfers: [hold(a, b, 10n, 1)] });
  await batcher.post(reserved);
  await db.query('SELECT pg_sleep(0.01)');
  const late = await batcher.post(journal({ transfers: [resolve('post', reserved.key)] }));
  await batcher.close();
  expect(late).toMatchObject({ result: 'pending_expired' });
  expect(await goldOf(db, a)).toEqual({ balance: 10n, held: 0n });
});

test('a full queue pushes back with when to come again, and takes more when there is room', async () => {
  const player = await newPlayer(db);
  const metrics = createMetrics();
  const batcher = createJournalBatcher({ db, metrics, queueCountMax: 4, laneCount: 1, batchCountMax: 2 });
  const outcomes = await Promise.allSettled(grants(player, 10).map((one) => batcher.post(one)));
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as LootError] : [],
  );
  expect(refused).toHaveLength(6);
  expect(refused[0]).toMatchObject({ code: 'overloaded', retryAfterMs: expect.any(Number) });
  expect(await batcher.post(grants(player, 1)[0]!)).toMatchObject({ result: 'ok' });
  await batcher.close();
  expect((await goldOf(db, player)).balance).toBe(5n);
  expect(await metrics.registry.metrics()).toMatch(/ledger_queue_depth\S* 0/);
});

test('closing finishes what was accepted and refuses what comes later', async () => {
  const player = await newPlayer(db);
  const batcher = createJournalBatcher({ db, batchCountMax: 2, laneCount: 1 });
  const posts = grants(player, 7).map((one) => batcher.post(one));
  const closed = batcher.close();
  await expect(batcher.post(journal({ key: `test:${randomUUID()}` }))).rejects.toMatchObject({
    code: 'dependency_unavailable',
  });
  await closed;
  expect((await Promise.all(posts)).every(({ result }) => result === 'ok')).toBe(true);
  expect((await goldOf(db, player)).balance).toBe(7n);
});
