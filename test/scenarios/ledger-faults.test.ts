import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hashSecret } from '../../api/auth/authenticate.ts';
import type { CrashPoint } from '../../platform/crash-points.ts';
import { createApiKey } from '../../store/api-keys/create-api-key.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { readBalances } from '../../store/ledger/reads.ts';
import { applyArena, newPlayer } from '../store/market/fixtures.ts';
import { startApiChild } from '../support/api-process.ts';
import type { ApiProcess } from '../support/api-process.ts';
import { testDatabase } from '../support/database.ts';
import { testSettings } from '../workers/economy-world.ts';

/**
 * Many callers, two API processes, one of which kills itself in their midst with effects committed and answers lost. The
 * callers do what they are told: ask again under the same reference, of whoever is there.
 */
const { db, url } = await testDatabase();
const settings = {
  ...testSettings(url),
  KAFKA_BROKERS: inject('servers').kafkaBrokers.join(','),
  RATE_LIMIT_PERCENT: '0',
};
const secret = `test_sk_${randomUUID().replaceAll('-', '')}`;
const running = new Set<ApiProcess>();
let steady: ApiProcess;

beforeAll(async () => {
  await applyArena(db);
  const scopes = ['grants:write', 'spends:write'];
  const key = { id: randomUUID(), clientId: 'studio', prefix: secret.slice(0, 12), scopes };
  await createApiKey(db, { ...key, hash: hashSecret(secret) });
  steady = await startApiChild(settings);
  running.add(steady);
});
afterAll(() => Promise.all([...running].map((api) => api.kill())));

type Outcome = { status: number; code: string | null; lostCount: number };

/** Until there is an answer that stands: a lost one, a full queue or a lease of somebody dead is asked for again. */
async function ask(apis: readonly ApiProcess[], path: string, body: object): Promise<Outcome> {
  for (let attempt = 0, lostCount = 0; ; attempt++) {
    const api = apis[attempt % apis.length]!;
    const response = await fetch(api.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    }).catch(() => null);
    const answer = (await response?.json().catch(() => null)) as { code?: string } | null;
    if (response && answer && response.status < 500 && response.status !== 429)
      return { status: response.status, code: answer.code ?? null, lostCount };
    lostCount += 1;
    await sleep(20);
  }
}

async function withDyingApi<T>(
  point: CrashPoint,
  passage: number,
  work: (apis: readonly [ApiProcess, ApiProcess]) => Promise<T>,
): Promise<T> {
  const dying = await startApiChild({ ...settings, CRASH_POINT: `${point}:${passage}` });
  running.add(dying);
  const done = await work([dying, steady]);
  expect(await dying.died).toBe('SIGKILL');
  running.delete(dying);
  return done;
}

const goldOf = async (playerId: string) =>
  (await readBalances(db, playerId)).find(({ asset }) => asset === 'gold');
const count = async (sql: string, values: unknown[]) =>
  (await db.query<{ count: bigint }>(sql, values)).rows[0]!.count;

test('64 clients spend one wallet down while a process dies: as often as it could pay, and never below zero', async () => {
  const playerId = await newPlayer(db, 1_000n);
  let isOver = false;
  let lowest = 1_000n;
  const watch = (async () => {
    while (!isOver) {
      const available = (await goldOf(playerId))!.available;
      if (available < lowest) lowest = available;
      await sleep(5);
    }
  })();

  const outcomes = await withDyingApi('after-spend-before-reply', 25, async (apis) => {
    const client = async (n: number) => {
      const mine: Outcome[] = [];
      for (;;) {
        const lines = [{ asset: 'gold', amount: '7' }];
        const body = { reference: randomUUID(), player: { id: playerId }, lines };
        // some go to the other process first, but never so often that the first one would not get to its end
        const isElsewhere = n % 4 === 0 && mine.length < 3;
        const answer = await ask(isElsewhere ? apis.toReversed() : apis, '/v1/spends', body);
        mine.push(answer);
        if (answer.code === 'insufficient_funds') return mine;
      }
    };
    return (await Promise.all(Array.from({ length: 64 }, (_, n) => client(n)))).flat();
  });
  isOver = true;
  await watch;

  expect(outcomes.filter(({ status }) => status === 200 || status === 201)).toHaveLength(142);
  expect(outcomes.filter(({ code }) => code === 'insufficient_funds')).toHaveLength(64);
  expect(outcomes).toHaveLength(142 + 64);
  // else nothing was lost and the run proved nothing
  expect(outcomes.some(({ status, lostCount }) => status === 200 && lostCount > 0)).toBe(true);
  expect(await goldOf(playerId)).toMatchObject({ balance: 6n, held: 0n });
  expect(lowest).toBe(6n);
  expect(await count(`SELECT count(*) FROM journals WHERE kind = 'spend'`, [])).toBe(142n);
}, 120_000);

test('grants asked for again after a process died are paid once each', async () => {
  const playerIds = await Promise.all(Array.from({ length: 8 }, () => newPlayer(db)));
  const outcomes = await withDyingApi('after-grants-before-reply', 12, (apis) =>
    Promise.all(
      playerIds.flatMap((id) =>
        Array.from({ length: 6 }, () =>
          ask(apis, '/v1/grants', {
            reference: randomUUID(),
            player: { id },
            lines: [{ asset: 'gold', amount: '5' }],
            items: [{ kind: 'rare_sword' }],
          }),
        ),
      ),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 200 || status === 201)).toHaveLength(48);
  expect(outcomes.some(({ status, lostCount }) => status === 200 && lostCount > 0)).toBe(true);
  for (const playerId of playerIds) {
    expect(await goldOf(playerId)).toMatchObject({ balance: 30n });
    expect(await count('SELECT count(*) FROM items WHERE owner = $1', [`player:${playerId}`])).toBe(6n);
  }
}, 120_000);

test('after all of it the books are whole', async () => {
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
});
