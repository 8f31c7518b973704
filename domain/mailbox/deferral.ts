import type { Sha256 } from '../arena/types.ts';
import { derivedId } from '../ids.ts';
import { mailboxOf } from '../ledger/accounts.ts';
import type { NewJournal, NewTransfer, PostResult } from '../ledger/types.ts';

/** One line that waits in a mailbox; `source` is the role that paid it and gets it back if nobody claims it. */
export type MailboxLine = {
  entryId: string;
  playerId: string;
  asset: string;
  amount: bigint;
  source: string;
  cause: string;
};

type Move = Extract<NewTransfer, { debit: unknown }>;

/**
 * The same journal with some of its lines paid into the player's mailbox instead of the wallet, and the event that tells
 * them. It stays the same journal for a repeat, so it must have an identity of its own: its lines are no longer what the
 * caller sends again.
 */
export function deferLines(journal: NewJournal, indexes: ReadonlySet<number>, hash: Sha256): NewJournal {
  if (journal.identity === undefined)
    throw new Error(`the journal ${journal.key} has no identity to be met under`);
  const transfers = journal.transfers.map((transfer, index) =>
    indexes.has(index) ? intoMailbox(transfer, journal.key) : transfer,
  );
  const deferred = { ...journal, transfers };
  const arrived = mailboxLines(deferred, hash)
    .filter(({ index }) => indexes.has(index))
    .map((line) => ({
      type: 'economy.mailbox.arrived.v1' as const,
      key: line.playerId,
      data: toldOf(line),
    }));
  return { ...deferred, events: [...journal.events, ...arrived] };
}

export const entryIdOf = (hash: Sha256, key: string, index: number): string =>
  derivedId(hash, 'mailbox', key, index);

/** A line as its events tell it. */
export const toldOf = ({ entryId, playerId, asset, amount, source, cause }: MailboxLine) => ({
  entryId,
  playerId,
  asset,
  amount: amount.toString(),
  source,
  cause,
});

/** The whole of it. */
export const deferAll = (journal: NewJournal, hash: Sha256): NewJournal =>
  deferLines(journal, new Set(journal.transfers.keys()), hash);

/** What of a journal lands in a mailbox. */
export function mailboxLines(journal: NewJournal, hash: Sha256): (MailboxLine & { index: number })[] {
  return journal.transfers.flatMap((transfer, index) => {
    if (!('debit' in transfer) || !isDeferred(transfer)) return [];
    const { debit, credit, amount } = transfer;
    return [
      {
        index,
        entryId: entryIdOf(hash, journal.key, index),
        playerId: credit.holder.slice('player:'.length),
        asset: credit.asset,
        amount,
        source: debit.holder.slice('system:'.length),
        cause: journal.key,
      },
    ];
  });
}

/** The line that a full wallet did not take; every other refusal is the caller's. */
export const lineRefusedByWallet = (result: PostResult): number | undefined =>
  result.result === 'limit_exceeded' && result.limit.startsWith('wallet:') ? result.index : undefined;

const isDeferred = ({ state, debit, credit }: Move): boolean =>
  state === 'posted' && debit.purpose === 'source' && credit.purpose === 'mailbox';

function intoMailbox(transfer: NewTransfer, key: string): NewTransfer {
  if (transfer.state !== 'posted' || transfer.credit.purpose !== 'wallet')
    throw new Error(`a line of ${key} pays no wallet and cannot wait in a mailbox`);
  const { holder, asset } = transfer.credit;
  return { ...transfer, credit: mailboxOf(holder.slice('player:'.length), asset) };
}
