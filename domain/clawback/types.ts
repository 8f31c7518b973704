import type { AccountRef, Holder } from '../ledger/types.ts';
import type { ListingTerms } from '../market/listing-journals.ts';

/** Which grants: all given conditions together. `from` is included, `to` is not; times are ISO 8601. */
export type ClawbackSelection = {
  source?: string | undefined;
  table?: string | undefined;
  tableVersion?: number | undefined;
  from?: string | undefined;
  to?: string | undefined;
  journalKeys?: readonly string[] | undefined;
};

/** `approved` says that somebody has approved a report; `reversing` that it was still true when the work began. */
export type ClawbackState =
  | 'examining'
  | 'waiting'
  | 'approved'
  | 'reversing'
  | 'completed'
  | 'cancelled'
  | 'expired';

/** Where a granted item is now. `proceeds` is what its grantee got for it, the market's fee already gone. */
export type ItemPlace =
  | { at: 'grantee' }
  | { at: 'listing'; listing: ListingTerms }
  /** In a trade or a match: nothing can be decided before that ends. */
  | { at: 'busy'; lock: string }
  | { at: 'sold'; holder: Holder; sale: { tradeId: string; asset: string; proceeds: bigint } | null }
  | { at: 'gone'; holder: Holder };

/** `entry`: the mailbox entry the line was paid into, if it was; `expired` ones have gone back to their source already. */
export type GrantedLine = {
  asset: string;
  amount: bigint;
  source: AccountRef;
  entry: { entryId: string; status: 'waiting' | 'closed' | 'returned' } | null;
};
export type GrantedItem = { itemId: string; kind: string; source: Holder; place: ItemPlace };

/** A grant as it was posted, and where its items are now. */
export type GrantToReverse = {
  journalId: bigint;
  key: string;
  playerId: string;
  /** The first source of the grant; what sales brought goes back there too. */
  source: Holder;
  lines: readonly GrantedLine[];
  items: readonly GrantedItem[];
};

/**
 * What is available in wallets, by `availableKey`. Planning takes from it, so that several grants of one player do not count
 * an amount twice.
 */
export type Available = Map<string, bigint>;
export const availableKey = (playerId: string, asset: string): string => `${playerId} ${asset}`;

/**
 * What became of one grant, in decimal strings. `granted = returned + fromMailbox + fromWallet + debt`, where `returned` went
 * back by itself when its mailbox entry expired; `owed = fromWallet + debt`.
 */
export type ClawbackOutcome = {
  assets: {
    asset: string;
    granted: string;
    returned: string;
    fromMailbox: string;
    fromWallet: string;
    debt: string;
  }[];
  items: { itemId: string; kind: string; outcome: ItemOutcome; holder: string }[];
  proceeds: {
    itemId: string;
    tradeId: string;
    asset: string;
    owed: string;
    fromWallet: string;
    debt: string;
  }[];
};
/** `left`: with an innocent buyer, who keeps it. `unrecoverable`: burned or used up, so there is nothing to take. */
export type ItemOutcome = 'taken' | 'left' | 'unrecoverable';

/** Each line sums to zero: granted = taken + debt + left + unrecoverable; what sales brought: owed = taken + debt. */
export type ClawbackTotals = {
  grantCount: number;
  playerCount: number;
  assets: {
    asset: string;
    granted: string;
    takenBack: string;
    debt: string;
    left: string;
    unrecoverable: string;
  }[];
  items: {
    kind: string;
    granted: number;
    takenBack: number;
    debt: number;
    left: number;
    unrecoverable: number;
  }[];
  proceeds: { asset: string; owed: string; takenBack: string; debt: string }[];
};

/** Where the granted items of one kind are at the moment of the report. */
export type ItemPlaces = {
  kind: string;
  withGrantee: number;
  listed: number;
  busy: number;
  sold: number;
  gone: number;
};

/** What would happen now. `hash` covers who is concerned, what was granted and where the items are: what is approved. */
export type ClawbackReport = ClawbackTotals & {
  places: ItemPlaces[];
  /** Selected, but taken back before by another clawback. */
  reversedBeforeCount: number;
  computedAt: string;
};
