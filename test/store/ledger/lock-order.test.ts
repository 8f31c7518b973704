import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { playerHolder } from '../../../domain/ledger/types.ts';
import type { NewJournal, PostResult } from '../../../domain/ledger/types.ts';
import type { Db } from '../../../store/db.ts';
import { openDb } from '../../../store/db.ts';
import { createJournalBatcher } from '../../../store/ledger/journal-batcher.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { testDatabase } from '../../support/database.ts';
import {
  goldOf,
  hold,
  journal,
  mint,
  move,
  newPlayer,
  pay,
  postAll,
  resolve,
  seedAssets,
} from './fixtures.ts';

const { db, url } = await testDatabase();
beforeAll(() => seedAssets(db));

const clientCount = 64;
const turnCount = 8;
const opening = 1_000n;

async function deadlockCount(): Promise<bigint> {
  const { rows } = await db.query<{ deadlocks: bigint }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]!.deadlocks;
}

/** Runs `work` on connections of its own and sees them end, for only then has PostgreSQL counted all that happened to them. */
async function crowded<T>(work: (crowd: Db) => Promise<T>): Promise<T> {
  const crowd = openDb({ url, connectionCountMax: 20, applicationName: 'crowd' });
  try {
    return await work(crowd);
  } finally {
    await crowd.close();
    await expect.poll(connectionCount, { timeout: 60_000 }).toBe(0n);
  }
}

async function connectionCount(): Promise<bigint> {
  const { rows } = await db.query<{ count: bigint }>(
    `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'crowd'`,
  );
  return rows[0]!.count;
}

/** The same key at once, or a crowd so slow that a lock came too late: try again. A deadlock is not forgiven. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if ((code !== '40001' && code !== '55P03') || attempt === 20) throw error;
    }
  }
}

/** What two players do to each other at once, both ways: money, holds and an item each. */
async function newPair() {
  const players = await Promise.all([newPlayer(db, opening), newPlayer(db, opening)]);
  const items = players.map(() => randomUUID());
  await postAll(db, [journal({ movements: players.map((player, n) => mint(items[n]!, player)) })]);
  return { players, items };
}

type Pair = Awaited<ReturnType<typeof newPair>>;

/** The journals of one turn of a client that sees the pair from its own side, and in its own order. */
function turn({ players, items }: Pair, client: number, n: number): NewJournal[] {
  const [from, to] = client % 2 === 0 ? [0, 1] : [1, 0];
  const [a, b] = [players[from]!, players[to]!];
  const lock = `match:${client}`;
  const swap = (item: number) => [
    {
      code: 'lock',
      itemId: items[item]!,
      from: playerHolder(players[item]!),
      expectLock: null,
      lock,
    } as const,
    { code: 'unlock', itemId: items[item]!, from: playerHolder(players[item]!), expectLock: lock } as const,
  ];
  const reserved = journal({ kind: 'trade_hold', transfers: [hold(a, b, 2n)] });
  switch ((client + n) % 4) {
    case 0:
      return [journal({ transfers: [move(a, b, 3n), move(b, a, 1n)] })];
    case 1:
      return [
        reserved,
        journal({ transfers: [resolve(client % 8 < 4 ? 'post' : 'void', reserved.key), move(b, a, 1n)] }),
      ];
    case 2:
      return [journal({ movements: [...swap(from), ...swap(to)], transfers: [move(a, b, 1n)] })];
    default:
      return [journal({ transfers: [pay(a, 5n), move(b, a, 2n)] }), journal({ movements: swap(to) })];
  }
}

const paidIn = (journals: readonly NewJournal[], results: readonly PostResult[]): bigint =>
  journals.reduce(
    (sum, { transfers }, i) =>
      sum +
      (results[i]?.result === 'ok' && transfers.some((line) => 'amount' in line && line.amount === 5n)
        ? 5n
        : 0n),
    0n,
  );

test('64 clients on one pair, both ways, money with holds and items: no deadlock, and nothing is lost', async () => {
  await db.query(
    `INSERT INTO flow_caps (role, side, asset, amount_per_day) VALUES ('api.grant', 'source', 'gold', 1000000)`,
  );
  const pair = await newPair();
  const paid = await crowded(async (crowd) => {
    const batchers = [
      createJournalBatcher({ db: crowd, batchCountMax: 16 }),
      createJournalBatcher({ db: crowd }),
    ];
    // half of them in transactions of their own, the others through one of two batchers with two lanes each
    const send = async (client: number, journals: NewJournal[]): Promise<PostResult[]> => {
      if (client % 4 < 2) return patiently(() => crowd.transaction((tx) => postJournals(tx, journals)));
      const results: PostResult[] = [];
      for (const one of journals) results.push(await patiently(() => batchers[client % 2]!.post(one)));
      return results;
    };
    const client = async (_: unknown, n: number) => {
      let given = 0n;
      for (let i = 0; i < turnCount; i++) {
        const journals = turn(pair, n, i);
        given += paidIn(journals, await send(n, journals));
      }
      return given;
    };
    const gifts = await Promise.all(Array.from({ length: clientCount }, client));
    await Promise.all(batchers.map((batcher) => batcher.close()));
    return gifts.reduce((a, b) => a + b);
  });

  const sums = await Promise.all(pair.players.map((player) => goldOf(db, player)));
  expect(sums.reduce((sum, { balance }) => sum + balance, 0n)).toBe(2n * opening + paid);
  expect(await deadlockCount()).toBe(0n);
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
}, 180_000);

test('many clients open the same accounts at the same moment, in any order, without a deadlock', async () => {
  const players = await Promise.all(Array.from({ length: 6 }, () => newPlayer(db)));
  const client = (crowd: Db, n: number) => {
    const order = n % 2 === 0 ? players : players.toReversed();
    return patiently(() =>
      crowd.transaction((tx) =>
        postJournals(
          tx,
          order.map((player) => journal({ transfers: [pay(player, 1n)] })),
        ),
      ),
    );
  };
  await crowded((crowd) => Promise.all(Array.from({ length: 16 }, (_, n) => client(crowd, n))));
  expect(
    (await Promise.all(players.map((player) => goldOf(db, player)))).map(({ balance }) => balance),
  ).toEqual(players.map(() => 16n));
  expect(await deadlockCount()).toBe(0n);
});

test('a deadlock would have been counted', async () => {
  const [a, b] = await Promise.all([newPlayer(db, 1n), newPlayer(db, 1n)]);
  const locked = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
  const take = 'SELECT 1 FROM accounts WHERE holder = $1 FOR UPDATE';
  const crossing = (crowd: Db, mine: 'a' | 'b', first: string, second: string) =>
    crowd.transaction(async (tx) => {
      await tx.query('SET LOCAL lock_timeout = 0');
      await tx.query(take, [playerHolder(first)]);
      locked[mine].resolve();
      await Promise.all([locked.a.promise, locked.b.promise]);
      await tx.query(take, [playerHolder(second)]);
    });
  const outcomes = await crowded((crowd) =>
    Promise.allSettled([crossing(crowd, 'a', a, b), crossing(crowd, 'b', b, a)]),
  );
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(await deadlockCount()).toBe(1n);
}, 120_000);
