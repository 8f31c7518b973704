import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { placeJournal } from '../../domain/market/listing-journals.ts';
import { requirePosted } from '../../domain/market/refused.ts';
import type { Db, Tx } from '../db.ts';
import { currentEconomy } from '../economy/reads.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { listingColumns, readListing } from './reads.ts';
import type { Listing } from './reads.ts';

/** `listingId` is derived by the caller, so that a repeated request meets the same listing. */
export type NewListing = {
  listingId: string;
  sellerId: string;
  itemId: string;
  price: bigint;
  ttlMs: number;
};

/**
 * Offers an item for the market's asset and locks it: row, lock and event in one transaction.
 * Throws `item_not_owned`, `item_locked` (a match, another listing), `frozen`, `exists_with_different_body`.
 */
export function placeListing(
  db: Db,
  wanted: NewListing,
  cause: JournalCause,
  context: EventContext = {},
): Promise<{ listing: Listing; replayed: boolean }> {
  return db.transaction(async (tx) => {
    const listing = await insertListing(tx, wanted);
    if (listing === undefined) return { listing: await readPlaced(tx, wanted), replayed: true };
    const [posted] = await postJournals(tx, [placeJournal(listing, cause)], context);
    requirePosted(posted);
    return { listing, replayed: false };
  });
}

/** Undefined when the listing is there already, or the item is not. */
async function insertListing(tx: Tx, wanted: NewListing): Promise<Listing | undefined> {
  const { economy } = await currentEconomy(tx);
  const { rows } = await tx.query<Listing>(
    `INSERT INTO listings (id, seller_id, item_id, kind, asset, price, expires_at)
     SELECT $1, $2, i.id, i.kind, $4, $5, clock_timestamp() + $6 * interval '1 millisecond' FROM items i WHERE i.id = $3
     ON CONFLICT (id) DO NOTHING RETURNING ${listingColumns}`,
    [wanted.listingId, wanted.sellerId, wanted.itemId, economy.market.asset, wanted.price, wanted.ttlMs],
  );
  return rows[0];
}

async function readPlaced(tx: Tx, wanted: NewListing): Promise<Listing> {
  const placed = await readListing(tx, wanted.listingId);
  if (placed === null) throw new LootError('item_not_owned', `The item ${wanted.itemId} is not yours.`);
  const same =
    placed.sellerId === wanted.sellerId && placed.itemId === wanted.itemId && placed.price === wanted.price;
  if (!same)
    throw new LootError(
      'exists_with_different_body',
      'A listing with other terms was placed under this key.',
    );
  return placed;
}
