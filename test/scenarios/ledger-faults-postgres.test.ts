import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { startStack } from '../../stack/launcher.ts';
import type { Stack } from '../../stack/types.ts';
import { createDatabase } from '../../store/create-database.ts';
import type { Db } from '../../store/db.ts';
import { openDb } from '../../store/db.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { createJournalBatcher } from '../../store/ledger/journal-batcher.ts';
import type { JournalBatcher } from '../../store/ledger/journal-batcher.ts';
import { migrate } from '../../store/migrate.ts';
import { goldOf, journal, mint, move, newPlayer, pay, seedAssets } from '../store/ledger/fixtures.ts';
import { databaseUrlFor } from '../support/template.ts';
import { eventually } from '../support/lootledger.ts';

/** A server of this file's own, because it is killed. It is as durable as a real one: fsync is on. */
let folder: string;
let stack: Stack;
let db: Db;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lootledger-postgres-'));
  stack = await startStack({
    dir: folder,
    ports: 'free',
    env: {},
    rung: 'native',
    services: ['postgres'],
    durability: 'safe',
  });
  const url = databaseUrlFor(stack.databaseUrl, 'killed');
  await createDatabase(url);
  await migrate(url);
  db = openDb({ url, connectionCountMax: 10, applicationName: 'test' });
  await seedAssets(db);
}, 240_000);

afterAll(async () => {
  await db?.close();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Null: nobody knows, the connection broke before the answer. */
type Attempt = { posted: NewJournal; answer: PostResult | null };
const clientCount = 32;

/** Every client posts one journal after another until the server is gone. */
async function postUntilGone(
  batchers: readonly JournalBatcher[],
  next: () => NewJournal,
  onAnswer: () => void,
): Promise<Attempt[]> {
  const client = async (n: number): Promise<Attempt[]> => {
    const attempts: Attempt[] = [];
    for (;;) {
      const posted = next();
      const answer = await batchers[n % batchers.length]!.post(posted).catch(() => null);
      attempts.push({ posted, answer });
      if (answer === null) return attempts;
      onAnswer();
    }
  };
  return (await Promise.all(Array.from({ length: clientCount }, (_, n) => client(n)))).flat();
}

type Stored = { key: string; transferCount: bigint; movementCount: bigint; eventCount: bigint };

/** What is there of these journals, by key. */
async function stored(keys: readonly string[]): Promise<Map<string, Stored>> {
  const { rows } = await db.query<Stored>(
    `SELECT j.key, (SELECT count(*) FROM transfers t WHERE t.journal_id = j.id) AS "transferCount",
       (SELECT count(*) FROM item_movements m WHERE m.journal_id = j.id) AS "movementCount",
       (SELECT count(*) FROM outbox o WHERE o.key = j.key) AS "eventCount"
     FROM journals j WHERE j.key = ANY ($1)`,
    [keys],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

const whole = ({ key, transfers, movements }: NewJournal): Stored => ({
  key,
  transferCount: BigInt(transfers.length),
  movementCount: BigInt(movements.length),
  eventCount: 1n,
});

test('PostgreSQL killed under load: what was acknowledged is there, the rest is there whole or not at all and can be sent again', async () => {
  const players = await Promise.all(Array.from({ length: 6 }, () => newPlayer(db, 1_000n)));
  const batchers = [createJournalBatcher({ db }), createJournalBatcher({ db, batchCountMax: 4 })];
  let drawn = 0;
  const next = (): NewJournal => {
    const [from, to] = [players[drawn % 6]!, players[(drawn + 1 + (drawn % 5)) % 6]!];
    drawn += 1;
    return drawn % 3 === 0
      ? journal({ transfers: [pay(to, 2n)], movements: [mint(randomUUID(), to)] })
      : journal({ transfers: [move(from, to, 1n), pay(from, 1n)] });
  };

  let answeredCount = 0;
  let kill: Promise<void> | undefined;
  const attempts = await postUntilGone(batchers, next, () => {
    answeredCount += 1;
    if (answeredCount === 600) kill = stack.services.postgres.stop('SIGKILL');
  });
  await kill;
  await stack.services.postgres.start();
  await eventually('the server takes statements', () =>
    db.query('SELECT 1').then(
      () => true,
      () => undefined,
    ),
  );

  const acknowledged = attempts.filter(({ answer }) => answer !== null);
  const unknown = attempts.filter(({ answer }) => answer === null);
  expect(acknowledged.every(({ answer }) => answer?.result === 'ok')).toBe(true);
  expect(unknown).toHaveLength(clientCount);
  const found = await stored(attempts.map(({ posted }) => posted.key));
  for (const { posted } of acknowledged) expect(found.get(posted.key)).toEqual(whole(posted));
  for (const { posted } of unknown) expect([undefined, whole(posted)]).toContainEqual(found.get(posted.key));

  for (const { posted } of unknown) {
    const again = [await batchers[0]!.post(posted), await batchers[1]!.post(posted)];
    const first = found.has(posted.key) ? 'exists' : 'ok';
    expect(again.map(({ result }) => result)).toEqual([first, 'exists']);
  }
  await Promise.all(batchers.map((batcher) => batcher.close()));
  const balances = await Promise.all(players.map((id) => goldOf(db, id)));
  const paid = attempts
    .flatMap(({ posted }) => posted.transfers)
    .reduce(
      (sum, line) => sum + ('debit' in line && line.debit.purpose === 'source' ? line.amount : 0n),
      6_000n,
    );
  expect(balances.reduce((sum, { balance }) => sum + balance, 0n)).toBe(paid);
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
}, 120_000);
