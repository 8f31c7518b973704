import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Db } from '../../../store/db.ts';
import { expireHolds } from '../../../store/ledger/expire-holds.ts';
import { emptyBooks, flowMax, judge, pearlWalletMax } from './model-books.ts';
import type { ItemLine, MoneyLine } from './model-books.ts';
import { anyCommands, briefHoldsLapse } from './model-commands.ts';
import type { Model } from './model-commands.ts';
import { draft, itemCount, keyAt, playerCount, roleOf } from './model-plans.ts';
import type { World } from './model-plans.ts';
import { expectWholeLedger } from './model-state.ts';
import { postAll, seedAssets } from './fixtures.ts';

export type ModelRun = {
  seed: number;
  runCount: number;
  /** Hardly anything but callers at once. */
  crowded?: boolean;
  /** Off where a failure is what is wanted. */
  shrinks?: boolean;
};

export async function seedModel(db: Db): Promise<void> {
  await seedAssets(db);
  await db.query(`INSERT INTO assets (code, kind, wallet_max) VALUES ('pearl', 'currency', $1)`, [
    pearlWalletMax,
  ]);
}

/** Tells stories to the ledger and to the books; throws with seed and path when they disagree. */
export async function runModel(db: Db, { seed, runCount, crowded = false, shrinks = true }: ModelRun) {
  await awayFromMidnight(db);
  const stories = fc.asyncProperty(fc.limitShrink(anyCommands(crowded), 300), async (commands) => {
    const model = await newStory(db);
    await fc.asyncModelRun(() => ({ model, real: { db } }), commands);
    // what is left expired would be counted by the sweeps of the next story
    await briefHoldsLapse(db, model.world);
    await expireHolds(db);
    await expectWholeLedger(db, model.world, model.books, model.journalIds);
  });
  await fc.assert(stories, { seed, numRuns: runCount, endOnFailure: !shrinks });
}

/** A world of its own: players with a little money, daily caps, a running match and an open listing that may lock items. */
async function newStory(db: Db): Promise<Model> {
  const [matchId, listingId] = [randomUUID(), randomUUID()];
  const world: World = {
    id: randomUUID(),
    playerIds: Array.from({ length: playerCount + 1 }, () => randomUUID()),
    itemIds: Array.from({ length: itemCount }, () => randomUUID()),
    lockNames: [`match:${matchId}`, `listing:${listingId}`],
  };
  await db.query('INSERT INTO players (id) SELECT unnest($1::uuid[])', [
    world.playerIds.slice(0, playerCount),
  ]);
  await db.query(
    `INSERT INTO flow_caps (role, side, asset, amount_per_day)
     SELECT $1, side, asset, $2 FROM unnest(ARRAY['source', 'sink']) side, unnest(ARRAY['gold', 'pearl']) asset`,
    [roleOf(world), flowMax],
  );
  await db.query(
    `INSERT INTO matches (id, mode, region, config, status, economy_version) VALUES ($1, 'model', 'eu', '{}', 'running', 1)`,
    [matchId],
  );
  await db.query(
    `INSERT INTO listings (id, seller_id, item_id, kind, asset, price, expires_at)
     VALUES ($1, $2, gen_random_uuid(), 'sword', 'gold', 1, 'infinity')`,
    [listingId, world.playerIds[0]],
  );
  const books = emptyBooks(playerCount);
  const gifts = Array.from({ length: playerCount }, (_, to): MoneyLine[] => [
    { type: 'move', asset: 'gold', from: 'source', to, amount: 25n },
    { type: 'move', asset: 'pearl', from: 'source', to, amount: 8n },
  ]);
  const swords = [0, 1, 2].map((item): ItemLine => ({ type: 'mint', item, to: item, level: null }));
  const opening = draft(world, keyAt(world, 0), [...gifts.flat(), ...swords], null);
  judge(books, opening);
  await postAll(db, [opening.journal]);
  return { world, books, drafts: [opening], position: 1, journalIds: new Map() };
}

/** Daily caps begin anew at midnight by the database's clock; a run that has begun shortly before waits for it. */
const awayFromMidnight = (db: Db) =>
  db.query(
    `SELECT pg_sleep(left_s) FROM (
       SELECT extract(epoch FROM date_trunc('day', n) + interval '1 day' - n) AS left_s FROM (SELECT now() AT TIME ZONE 'UTC' AS n) t
     ) d WHERE left_s < 120`,
  );
