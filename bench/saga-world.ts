import { randomUUID } from 'node:crypto';
import { sourceOf, walletOf } from '../domain/ledger/accounts.ts';
import type { NewJournal } from '../domain/ledger/types.ts';
import { playerHolder, systemHolder } from '../domain/ledger/types.ts';
import type { Db } from '../store/db.ts';
import { checkInvariants } from '../store/ledger/invariants.ts';
import { postJournals } from '../store/ledger/post-journals.ts';
import { placeListing } from '../store/listings/place-listing.ts';

export const price = 800n;
const cause = { actor: 'system:bench' };

/** Something to buy, and a buyer with exactly the money. */
export type Offer = { listingId: string; buyerId: string };

/** Every trade has players and an item of its own: none waits for another. */
export async function offers(db: Db, count: number): Promise<Offer[]> {
  const stock: Offer[] = [];
  for (let n = 0; n < count; n++) {
    const [sellerId, buyerId, itemId] = [randomUUID(), randomUUID(), randomUUID()];
    await db.query('INSERT INTO players (id) VALUES ($1), ($2)', [sellerId, buyerId]);
    await db.transaction((tx) => postJournals(tx, [opening(sellerId, buyerId, itemId)]));
    const { listing } = await placeListing(
      db,
      { listingId: randomUUID(), sellerId, itemId, price, ttlMs: 3_600_000 },
      cause,
    );
    stock.push({ listingId: listing.listingId, buyerId });
  }
  return stock;
}

const opening = (sellerId: string, buyerId: string, itemId: string): NewJournal => ({
  ...cause,
  key: `bench:${itemId}`,
  kind: 'grant',
  transfers: [
    {
      state: 'posted',
      debit: sourceOf('api.grant', 'gold'),
      credit: walletOf(buyerId, 'gold'),
      amount: price,
      code: 'grant',
    },
  ],
  movements: [
    {
      code: 'mint',
      itemId,
      kind: 'rare_sword',
      kindVersion: 1,
      from: systemHolder('api.grant'),
      to: playerHolder(sellerId),
    },
  ],
  events: [],
});

/** Every trade that ran is settled once, its item with the buyer, and the books are whole. */
export async function checkSettled(db: Db, tradeCount: number): Promise<boolean> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM trades t JOIN items i ON i.id = t.item_id
     WHERE t.state = 'completed' AND i.owner = 'player:' || t.buyer_id AND i.lock IS NULL
       AND EXISTS (SELECT FROM journals j WHERE j.key = 'trade:' || t.id || ':settle')`,
  );
  const invariants = await checkInvariants(db);
  return rows[0]?.count === tradeCount && invariants.every(({ ok }) => ok);
}
