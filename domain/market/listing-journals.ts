import type { EventData } from '../events.ts';
import { journalKeys } from '../ledger/keys.ts';
import type { JournalCause, NewJournal } from '../ledger/types.ts';
import { playerHolder } from '../ledger/types.ts';
import { listingLock } from './locks.ts';

export type ListingTerms = {
  listingId: string;
  sellerId: string;
  itemId: string;
  kind: string;
  asset: string;
  price: bigint;
};

export const listingData = (listing: ListingTerms): EventData['market.listing.placed.v1'] => ({
  listingId: listing.listingId,
  sellerId: listing.sellerId,
  itemId: listing.itemId,
  kind: listing.kind,
  asset: listing.asset,
  price: listing.price.toString(),
});

/** Locks the item for its listing: until it is sold or comes back it can be neither used nor listed again. */
export const placeJournal = (listing: ListingTerms, cause: JournalCause): NewJournal => ({
  ...cause,
  key: journalKeys.listing(listing.listingId, 'place'),
  kind: 'listing_place',
  valves: ['channel:market', `kind:${listing.kind}`],
  transfers: [],
  movements: [
    {
      code: 'lock',
      itemId: listing.itemId,
      from: playerHolder(listing.sellerId),
      expectLock: null,
      lock: listingLock(listing.listingId),
    },
  ],
  events: [{ type: 'market.listing.placed.v1', key: listing.listingId, data: listingData(listing) }],
});

/** Gives the item back to its seller's own use; a closed market does not keep it. */
export const returnJournal = (
  listing: ListingTerms,
  step: 'cancel' | 'expire',
  cause: JournalCause,
): NewJournal => ({
  ...cause,
  key: journalKeys.listing(listing.listingId, step),
  kind: 'listing_return',
  transfers: [],
  movements: [
    {
      code: 'unlock',
      itemId: listing.itemId,
      from: playerHolder(listing.sellerId),
      expectLock: listingLock(listing.listingId),
    },
  ],
  events: [
    {
      type: step === 'cancel' ? 'market.listing.cancelled.v1' : 'market.listing.expired.v1',
      key: listing.listingId,
      data: listingData(listing),
    },
  ],
});
