import { isPosted } from '../../domain/ledger/types.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { returnJournal } from '../../domain/market/listing-journals.ts';
import type { Db } from '../db.ts';
import { openFinding } from '../findings/open-finding.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { listingColumns } from './reads.ts';
import type { Listing } from './reads.ts';

/**
 * Gives back the items of open listings whose time is up by PostgreSQL's clock, at most `countMax` of them, and answers how
 * many. A listing in a trade is left to the trade. Sweeps may run side by side.
 */
export function expireListings(db: Db, countMax: number, cause: JournalCause): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows: expired } = await tx.query<Listing>(
      `UPDATE listings SET status = 'expired', version = version + 1 WHERE id IN (
         SELECT id FROM listings WHERE status = 'open' AND expires_at <= clock_timestamp()
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
       ) RETURNING ${listingColumns}`,
      [countMax],
    );
    const answers = await postJournals(
      tx,
      expired.map((listing) => returnJournal(listing, 'expire', cause)),
    );
    for (const [index, answer] of answers.entries()) {
      const listing = expired[index];
      if (listing === undefined || isPosted(answer)) continue;
      const detail = { itemId: listing.itemId, result: answer.result };
      await openFinding(tx, { rule: 'listing_without_lock', subject: listing.listingId, detail });
    }
    return expired.length;
  });
}
