import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { returnJournal } from '../../domain/market/listing-journals.ts';
import { requirePosted } from '../../domain/market/refused.ts';
import type { Db, Tx } from '../db.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { listingColumns, readListing } from './reads.ts';
import type { Listing } from './reads.ts';

export type Cancellation = {
  listingId: string;
  sellerId: string;
  /** the ETag the seller saw */ version: number;
};

/**
 * Takes an offer back and unlocks its item. Cancelled before by the same request, it answers the same.
 * Throws `not_found` (also for another's listing), `listing_in_trade`, `listing_gone`, `precondition_failed`.
 */
export function cancelListing(
  db: Db,
  wanted: Cancellation,
  cause: JournalCause,
  context: EventContext = {},
): Promise<{ listing: Listing; replayed: boolean }> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<Listing>(
      `UPDATE listings SET status = 'cancelled', version = version + 1
       WHERE id = $1 AND seller_id = $2 AND version = $3 AND status = 'open' RETURNING ${listingColumns}`,
      [wanted.listingId, wanted.sellerId, wanted.version],
    );
    const listing = rows[0];
    if (listing === undefined) return { listing: await readCancelled(tx, wanted), replayed: true };
    const [posted] = await postJournals(tx, [returnJournal(listing, 'cancel', cause)], context);
    requirePosted(posted);
    return { listing, replayed: false };
  });
}

async function readCancelled(tx: Tx, wanted: Cancellation): Promise<Listing> {
  const listing = await readListing(tx, wanted.listingId);
  if (listing === null || listing.sellerId !== wanted.sellerId)
    throw new LootError('not_found', 'There is no such listing.');
  if (listing.status === 'cancelled' && listing.version === wanted.version + 1) return listing;
  if (listing.status === 'in_trade')
    throw new LootError('listing_in_trade', 'Somebody is buying the item at this moment.');
  if (listing.status !== 'open') throw new LootError('listing_gone', `The listing is ${listing.status}.`);
  throw new LootError('precondition_failed', `The listing is at version ${listing.version}.`);
}
