import type { EventData } from '../events.ts';
import { debtOf, mailboxOf, walletOf } from '../ledger/accounts.ts';
import { journalKeys } from '../ledger/keys.ts';
import type { AccountRef, JournalCause, NewJournal, NewMovement, NewTransfer } from '../ledger/types.ts';
import { playerHolder } from '../ledger/types.ts';
import { listingData } from '../market/listing-journals.ts';
import type { ListingTerms } from '../market/listing-journals.ts';
import { listingLock } from '../market/locks.ts';
import { availableKey } from './types.ts';
import type { Available, ClawbackOutcome, GrantToReverse, GrantedItem, GrantedLine } from './types.ts';

export type ReversalPlan =
  /** An item is in a trade or a match: the whole grant waits for it, for it is reversed in one journal. */
  | { status: 'waiting'; itemId: string; lock: string }
  | {
      status: 'ready';
      outcome: ClawbackOutcome;
      transfers: NewTransfer[];
      movements: NewMovement[];
      /** Taken off the market with their items. */
      listings: ListingTerms[];
      /** Mailbox entries that are emptied before anybody claims them. */
      entryIds: string[];
    };

/**
 * What taking one grant back comes to, in the order of dependence: items (listings first), then amounts from the mailbox,
 * the wallet and, for what is missing, debt; last what sales of its items brought. Takes from `available`.
 */
export function planReversal(grant: GrantToReverse, available: Available): ReversalPlan {
  for (const { itemId, place } of grant.items)
    if (place.at === 'busy') return { status: 'waiting', itemId, lock: place.lock };

  const outcome: ClawbackOutcome = { assets: [], items: [], proceeds: [] };
  const plan = {
    status: 'ready' as const,
    outcome,
    transfers: [] as NewTransfer[],
    movements: [] as NewMovement[],
    listings: [] as ListingTerms[],
    entryIds: [] as string[],
  };
  for (const item of grant.items) {
    outcome.items.push({
      itemId: item.itemId,
      kind: item.kind,
      outcome: outcomeOf(item),
      holder: holderOf(item, grant),
    });
    if (item.place.at === 'listing') plan.listings.push(item.place.listing);
    if (outcomeOf(item) === 'taken') plan.movements.push(...takeItem(item, grant.playerId));
  }
  for (const line of grant.lines) {
    const taken = takeLine(line, grant.playerId, available);
    if (taken.fromMailbox > 0n && line.entry !== null) plan.entryIds.push(line.entry.entryId);
    plan.transfers.push(...transfersOf(grant.playerId, line.source, taken));
    outcome.assets.push({ asset: line.asset, granted: line.amount.toString(), ...inText(taken) });
  }
  for (const { itemId, place } of grant.items) {
    if (place.at !== 'sold' || place.sale === null || place.sale.proceeds === 0n) continue;
    const { tradeId, asset, proceeds } = place.sale;
    const taken = takeFromWallet(asset, proceeds, grant.playerId, available);
    const source: AccountRef = { holder: grant.source, asset, purpose: 'source' };
    plan.transfers.push(...transfersOf(grant.playerId, source, taken));
    const { fromWallet, debt } = inText(taken);
    outcome.proceeds.push({ itemId, tradeId, asset, owed: proceeds.toString(), fromWallet, debt });
  }
  return plan;
}

/** The reversal of one grant; null when there is nothing to take. */
export function reversalJournal(
  clawbackId: string,
  grant: GrantToReverse,
  plan: Extract<ReversalPlan, { status: 'ready' }>,
  cause: JournalCause,
): NewJournal | null {
  if (plan.transfers.length === 0 && plan.movements.length === 0) return null;
  const key = journalKeys.clawback(clawbackId, grant.journalId);
  return {
    ...cause,
    key,
    kind: 'clawback',
    pinned: { clawbackId, grant: grant.key, outcome: plan.outcome },
    identity: { clawback: clawbackId, grant: grant.key },
    transfers: plan.transfers,
    movements: plan.movements,
    events: [
      ...plan.listings.map((listing) => ({
        type: 'market.listing.cancelled.v1' as const,
        key: listing.listingId,
        data: listingData(listing),
      })),
      {
        type: 'economy.grant.reversed.v1',
        key: grant.playerId,
        data: reversedData(clawbackId, key, grant, plan.outcome),
      },
    ],
  };
}

function reversedData(
  clawbackId: string,
  key: string,
  grant: GrantToReverse,
  { assets, items, proceeds }: ClawbackOutcome,
): EventData['economy.grant.reversed.v1'] {
  const sums = new Map<string, { taken: bigint; debt: bigint }>();
  const add = (asset: string, taken: bigint, debt: bigint) => {
    const sum = sums.get(asset) ?? { taken: 0n, debt: 0n };
    sums.set(asset, { taken: sum.taken + taken, debt: sum.debt + debt });
  };
  for (const line of assets)
    add(line.asset, BigInt(line.fromMailbox) + BigInt(line.fromWallet), BigInt(line.debt));
  for (const line of proceeds) add(line.asset, BigInt(line.fromWallet), BigInt(line.debt));
  return {
    clawbackId,
    key,
    grantKey: grant.key,
    playerId: grant.playerId,
    lines: [...sums].map(([asset, { taken, debt }]) => ({
      asset,
      taken: taken.toString(),
      debt: debt.toString(),
    })),
    items: items.map(({ itemId, kind, outcome }) => ({ itemId, kind, outcome })),
  };
}

function outcomeOf({ place }: GrantedItem): ClawbackOutcome['items'][number]['outcome'] {
  if (place.at === 'sold') return 'left';
  return place.at === 'gone' ? 'unrecoverable' : 'taken';
}

const holderOf = ({ place }: GrantedItem, grant: GrantToReverse): string =>
  place.at === 'sold' || place.at === 'gone' ? place.holder : playerHolder(grant.playerId);

/** Off the market first, then back to where it was minted. */
function takeItem({ itemId, source, place }: GrantedItem, playerId: string): NewMovement[] {
  const from = playerHolder(playerId);
  const burn: NewMovement = { code: 'burn', itemId, from, to: source, expectLock: null };
  if (place.at !== 'listing') return [burn];
  return [{ code: 'unlock', itemId, from, expectLock: listingLock(place.listing.listingId) }, burn];
}

type Taken = { asset: string; returned: bigint; fromMailbox: bigint; fromWallet: bigint; debt: bigint };

/** An entry is taken as a whole while nobody has claimed it; what was claimed is looked for in the wallet. */
function takeLine({ asset, amount, entry }: GrantedLine, playerId: string, available: Available): Taken {
  const nothing = { asset, returned: 0n, fromMailbox: 0n, fromWallet: 0n, debt: 0n };
  if (entry?.status === 'returned') return { ...nothing, returned: amount };
  if (entry?.status === 'waiting') return { ...nothing, fromMailbox: amount };
  return takeFromWallet(asset, amount, playerId, available);
}

function takeFromWallet(asset: string, amount: bigint, playerId: string, available: Available): Taken {
  const key = availableKey(playerId, asset);
  const inWallet = available.get(key) ?? 0n;
  const fromWallet = inWallet < amount ? inWallet : amount;
  available.set(key, inWallet - fromWallet);
  return { asset, returned: 0n, fromMailbox: 0n, fromWallet, debt: amount - fromWallet };
}

function transfersOf(playerId: string, source: AccountRef, taken: Taken): NewTransfer[] {
  const { asset, fromMailbox, fromWallet, debt } = taken;
  const all: NewTransfer[] = [
    {
      state: 'posted',
      debit: mailboxOf(playerId, asset),
      credit: source,
      amount: fromMailbox,
      code: 'clawback',
    },
    {
      state: 'posted',
      debit: walletOf(playerId, asset),
      credit: source,
      amount: fromWallet,
      code: 'clawback',
    },
    { state: 'posted', debit: debtOf(playerId, asset), credit: source, amount: debt, code: 'debt' },
  ];
  return all.filter((transfer) => 'amount' in transfer && transfer.amount > 0n);
}

const inText = ({ returned, fromMailbox, fromWallet, debt }: Taken) => ({
  returned: returned.toString(),
  fromMailbox: fromMailbox.toString(),
  fromWallet: fromWallet.toString(),
  debt: debt.toString(),
});
