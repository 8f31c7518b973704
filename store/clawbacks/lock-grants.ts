import type { GrantToReverse } from '../../domain/clawback/types.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { Tx } from '../db.ts';
import { assetsOf, readGrants } from './read-grants.ts';

/** Between the two looks an item was sold for another asset: its wallets are not locked. Try again. */
export class GrantsMoved extends Error {
  constructor() {
    super('what the reversal takes from has changed since it was looked for');
  }
}

/**
 * The grants that nobody has taken back, with everything their reversal decides by locked until the transaction ends. The
 * order is that of the verbs that sell, claim and post: listings, mailbox entries, wallets, items. Throws `GrantsMoved`.
 */
export async function lockGrants(tx: Tx, journalIds: readonly bigint[]): Promise<GrantToReverse[]> {
  if (journalIds.length === 0) return [];
  const seen = await readGrants(tx, journalIds);
  const items = seen.flatMap((grant) => grant.items);
  const listingIds = items.flatMap(({ place }) => (place.at === 'listing' ? [place.listing.listingId] : []));
  const entryIds = seen.flatMap(({ lines }) => lines.flatMap(({ entry }) => entry?.entryId ?? []));
  const holders = seen.map(({ playerId }) => playerHolder(playerId));
  const assets = new Set(assetsOf(seen));

  if (listingIds.length > 0)
    await tx.query('SELECT 1 FROM listings WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [listingIds]);
  if (entryIds.length > 0)
    await tx.query('SELECT 1 FROM mailbox_entries WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [entryIds]);
  await tx.query(
    'SELECT 1 FROM accounts WHERE holder = ANY ($1) AND asset = ANY ($2) AND live ORDER BY id FOR UPDATE',
    [holders, [...assets]],
  );
  await tx.query('SELECT 1 FROM items WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [
    items.map(({ itemId }) => itemId),
  ]);

  const reversed = await readReversed(tx, journalIds);
  const open = journalIds.filter((id) => !reversed.has(id));
  const locked = new Set(listingIds);
  const grants = await readGrants(tx, open);
  if (assetsOf(grants).some((asset) => !assets.has(asset))) throw new GrantsMoved();
  return grants.map((grant) => ({
    ...grant,
    items: grant.items.map((item) =>
      // listed since the first look: its listing is not ours to cancel this time
      item.place.at === 'listing' && !locked.has(item.place.listing.listingId)
        ? { ...item, place: { at: 'busy' as const, lock: `listing:${item.place.listing.listingId}` } }
        : item,
    ),
  }));
}

/** Whoever reversed one of them meanwhile held the same wallets and items: now it can be seen. */
async function readReversed(tx: Tx, journalIds: readonly bigint[]): Promise<Set<bigint>> {
  const { rows } = await tx.query<{ id: bigint }>(
    'SELECT journal_id AS id FROM clawback_lines WHERE journal_id = ANY ($1)',
    [journalIds],
  );
  return new Set(rows.map(({ id }) => id));
}
