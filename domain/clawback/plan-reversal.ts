import type { EventData } from '../events.ts';
import { debtOf, mailboxOf, walletOf } from '../ledger/accounts.ts';
import { journalKeys } from '../ledger/keys.ts';
import type { AccountRef, JournalCause, NewJournal, NewMovement, NewTransfer } from '../ledger/types.ts';
import { playerHolder } from '../ledger/types.ts';
import type { ListingTerms } from '../market/listing-journals.ts';
import { positionKey } from './types.ts';
import type { ClawbackOutcome, GrantToReverse, GrantedItem, Position, Positions } from './types.ts';

export type ReversalPlan =
  /** An item is in a trade or a match: the whole grant waits for it, for it is reversed in one journal. */
  | { status: 'waiting'; itemId: string; lock: string }
  | {
      status: 'ready';
      outcome: ClawbackOutcome;
      transfers: NewTransfer[];
      movements: NewMovement[];
      /** Taken off the market before the item is. */
      listings: ListingTerms[];
    };

/**
 * What taking one grant back comes to, in the order of dependence: items (listings first), then amounts from the mailbox,
 * the wallet and, for what is missing, debt; last what sales of its items brought. Takes from `positions`.
 */
export function planReversal(grant: GrantToReverse, positions: Positions): ReversalPlan {
  for (const { itemId, place } of grant.items)
    if (place.at === 'busy') return { status: 'waiting', itemId, lock: place.lock };

  const outcome: ClawbackOutcome = { assets: [], items: [], proceeds: [] };
  const plan = {
    status: 'ready' as const,
    outcome,
    transfers: [] as NewTransfer[],
    movements: [] as NewMovement[],
    listings: [] as ListingTerms[],
  };
  for (const item of grant.items) {
    outcome.items.push({
      itemId: item.itemId,
      kind: item.kind,
      outcome: outcomeOf(item),
      holder: holderOf(item, grant),
    });
    if (item.place.at === 'listing') plan.listings.push(item.place.listing);
    if (outcomeOf(item) === 'taken') plan.movements.push(burn(item, grant.playerId));
  }
  for (const { asset, amount, source, toMailbox } of grant.lines) {
    const taken = take(positions, grant.playerId, asset, amount, toMailbox);
    plan.transfers.push(...transfersOf(grant.playerId, source, taken));
    outcome.assets.push({ asset, granted: amount.toString(), ...inText(taken) });
  }
  for (const { itemId, place } of grant.items) {
    if (place.at !== 'sold' || place.sale === null || place.sale.proceeds === 0n) continue;
    const { tradeId, asset, proceeds } = place.sale;
    const taken = take(positions, grant.playerId, asset, proceeds, false);
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

/** Back to where it was minted. A listing's lock has been taken off by then. */
const burn = ({ itemId, source }: GrantedItem, playerId: string): NewMovement => ({
  code: 'burn',
  itemId,
  from: playerHolder(playerId),
  to: source,
  expectLock: null,
});

type Taken = { asset: string; fromMailbox: bigint; fromWallet: bigint; debt: bigint };

function take(
  positions: Positions,
  playerId: string,
  asset: string,
  amount: bigint,
  fromMailboxToo: boolean,
): Taken {
  const position = positions.get(positionKey(playerId, asset)) ?? { mailbox: 0n, wallet: 0n };
  const fromMailbox = fromMailboxToo ? least(position.mailbox, amount) : 0n;
  const fromWallet = least(position.wallet, amount - fromMailbox);
  const left: Position = { mailbox: position.mailbox - fromMailbox, wallet: position.wallet - fromWallet };
  positions.set(positionKey(playerId, asset), left);
  return { asset, fromMailbox, fromWallet, debt: amount - fromMailbox - fromWallet };
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

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

const inText = ({ fromMailbox, fromWallet, debt }: Taken) => ({
  fromMailbox: fromMailbox.toString(),
  fromWallet: fromWallet.toString(),
  debt: debt.toString(),
});
