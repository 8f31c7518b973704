import type {
  Available,
  GrantToReverse,
  GrantedItem,
  GrantedLine,
  ItemPlace,
} from '../../domain/clawback/types.ts';
import { availableKey } from '../../domain/clawback/types.ts';
import { derivedId } from '../../domain/ids.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { Holder } from '../../domain/ledger/types.ts';
import type { ListingTerms } from '../../domain/market/listing-journals.ts';
import type { Queryable } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';

/** What was granted by these journals, and where its items are as the statement runs; in the order of journals. */
export async function readGrants(on: Queryable, journalIds: readonly bigint[]): Promise<GrantToReverse[]> {
  const lines = await readLines(on, journalIds);
  const items = await readItems(on, journalIds);
  const statuses = await readEntries(on, lines.filter(isDeferred).map(entryIdOf));
  const grants = new Map<bigint, GrantToReverse & { lines: GrantedLine[]; items: GrantedItem[] }>();
  const grantOf = ({ journalId, key, grantee, source }: Paid) => {
    const known = grants.get(journalId);
    if (known !== undefined) return known;
    const playerId = grantee.slice('player:'.length);
    const grant = { journalId, key, playerId, source, lines: [], items: [] };
    grants.set(journalId, grant);
    return grant;
  };
  for (const line of lines) {
    const { asset, amount, source } = line;
    const entryId = entryIdOf(line);
    const entry = isDeferred(line) ? { entryId, status: statuses.get(entryId) ?? 'closed' } : null;
    grantOf(line).lines.push({ asset, amount, source: { holder: source, asset, purpose: 'source' }, entry });
  }
  for (const item of items) {
    const { itemId, kind, source } = item;
    grantOf(item).items.push({ itemId, kind, source, place: placeOf(item) });
  }
  return [...grants.values()].toSorted((a, b) => (a.journalId < b.journalId ? -1 : 1));
}

/** What these players can spend of these assets now; `lock` keeps it so until the transaction ends. */
export async function readAvailable(
  on: Queryable,
  playerIds: readonly string[],
  assets: readonly string[],
): Promise<Available> {
  const { rows } = await on.query<{ holder: string; asset: string; available: bigint }>(
    `SELECT holder, asset, credits_posted - debits_posted - debits_pending AS available FROM accounts
     WHERE holder = ANY ($1) AND asset = ANY ($2) AND purpose = 'wallet'`,
    [playerIds.map(playerHolder), assets],
  );
  return new Map(
    rows.map(({ holder, asset, available }) => [
      availableKey(holder.slice('player:'.length), asset),
      available,
    ]),
  );
}

/** The assets that reversing these grants may take. */
export const assetsOf = (grants: readonly GrantToReverse[]): string[] => [
  ...new Set(
    grants.flatMap(({ lines, items }) => [
      ...lines.map(({ asset }) => asset),
      ...items.flatMap(({ place }) => (place.at === 'sold' && place.sale !== null ? [place.sale.asset] : [])),
    ]),
  ),
];

type Paid = { journalId: bigint; key: string; grantee: Holder; source: Holder };
type LineRow = Paid & { index: number; asset: string; amount: bigint; purpose: string };

async function readLines(on: Queryable, journalIds: readonly bigint[]): Promise<LineRow[]> {
  const { rows } = await on.query<LineRow>(
    `SELECT t.journal_id AS "journalId", j.key, t.index, t.asset, t.amount, d.holder AS source, c.holder AS grantee, c.purpose
     FROM transfers t JOIN journals j ON j.id = t.journal_id
     JOIN accounts d ON d.id = t.debit_account_id JOIN accounts c ON c.id = t.credit_account_id
     WHERE t.journal_id = ANY ($1) AND t.state = 'posted' AND d.purpose = 'source' AND c.holder LIKE 'player:%'
     ORDER BY t.journal_id, t.index`,
    [journalIds],
  );
  return rows;
}

const isDeferred = ({ purpose }: LineRow): boolean => purpose === 'mailbox';
const entryIdOf = ({ key, index }: LineRow): string => derivedId(sha256, 'mailbox', key, index);

type EntryStatus = 'waiting' | 'closed' | 'returned';

async function readEntries(on: Queryable, entryIds: readonly string[]): Promise<Map<string, EntryStatus>> {
  if (entryIds.length === 0) return new Map();
  const { rows } = await on.query<{ id: string; status: string }>(
    'SELECT id, status FROM mailbox_entries WHERE id = ANY ($1)',
    [entryIds],
  );
  return new Map(
    rows.map(({ id, status }) => [
      id,
      status === 'waiting' ? 'waiting' : status === 'expired' ? 'returned' : 'closed',
    ]),
  );
}

type ItemRow = Paid & {
  itemId: string;
  kind: string;
  owner: Holder;
  lock: string | null;
  listing: (Omit<ListingTerms, 'price'> & { price: string }) | null;
  sale: { tradeId: string; asset: string; proceeds: string } | null;
};

/** How an item left its grantee's hands for the last time decides whether it was sold. */
async function readItems(on: Queryable, journalIds: readonly bigint[]): Promise<ItemRow[]> {
  const { rows } = await on.query<ItemRow>(
    `SELECT m.journal_id AS "journalId", j.key, m.item_id AS "itemId", i.kind, m.from_owner AS source, m.to_owner AS grantee,
       i.owner, i.lock,
       CASE WHEN l.id IS NOT NULL THEN jsonb_build_object('listingId', l.id, 'sellerId', l.seller_id, 'itemId', l.item_id,
         'kind', l.kind, 'asset', l.asset, 'price', l.price::text) END AS listing,
       CASE WHEN t.id IS NOT NULL THEN jsonb_build_object('tradeId', t.id, 'asset', t.asset,
         'proceeds', (t.price - t.fee)::text) END AS sale
     FROM item_movements m JOIN journals j ON j.id = m.journal_id JOIN items i ON i.id = m.item_id
     LEFT JOIN listings l ON l.id = CASE WHEN i.lock LIKE 'listing:%' THEN substr(i.lock, 9)::uuid END
       AND l.status = 'open' AND l.seller_id::text = substr(m.to_owner, 8)
     LEFT JOIN LATERAL (
       SELECT x.key FROM item_movements y JOIN journals x ON x.id = y.journal_id
       WHERE y.item_id = m.item_id AND y.from_owner = m.to_owner AND y.to_owner <> y.from_owner ORDER BY y.id DESC LIMIT 1
     ) departure ON i.owner <> m.to_owner
     LEFT JOIN trades t ON t.id = CASE WHEN departure.key LIKE 'trade:%:settle' THEN split_part(departure.key, ':', 2)::uuid END
     WHERE m.journal_id = ANY ($1) AND m.code = 'mint' AND m.to_owner LIKE 'player:%'
     ORDER BY m.journal_id, m.index`,
    [journalIds],
  );
  return rows;
}

function placeOf({ owner, grantee, lock, listing, sale }: ItemRow): ItemPlace {
  if (owner === grantee) {
    if (lock === null) return { at: 'grantee' };
    return listing === null
      ? { at: 'busy', lock }
      : { at: 'listing', listing: { ...listing, price: BigInt(listing.price) } };
  }
  if (sale !== null) return { at: 'sold', holder: owner, sale: { ...sale, proceeds: BigInt(sale.proceeds) } };
  return owner.startsWith('system:')
    ? { at: 'gone', holder: owner }
    : { at: 'sold', holder: owner, sale: null };
}
