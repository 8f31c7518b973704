import { mailboxOf, sourceOf, walletOf } from '../ledger/accounts.ts';
import { journalKeys } from '../ledger/keys.ts';
import type { JournalCause, NewJournal } from '../ledger/types.ts';
import { toldOf } from './deferral.ts';
import type { MailboxLine } from './deferral.ts';

/** What waited goes into the wallet. */
export const claimJournal = (line: MailboxLine, cause: JournalCause): NewJournal => ({
  ...cause,
  key: journalKeys.mailbox(line.entryId, 'claim'),
  kind: 'mailbox_claim',
  pinned: { source: 'mailbox', entryId: line.entryId, cause: line.cause },
  valves: ['channel:mailbox'],
  transfers: [
    {
      state: 'posted',
      debit: mailboxOf(line.playerId, line.asset),
      credit: walletOf(line.playerId, line.asset),
      amount: line.amount,
      code: 'mailbox_claim',
    },
  ],
  movements: [],
  events: [],
});

/** What nobody claimed in time goes back to where it came from. */
export const expiryJournal = (line: MailboxLine, cause: JournalCause): NewJournal => ({
  ...cause,
  key: journalKeys.mailbox(line.entryId, 'expire'),
  kind: 'mailbox_expire',
  pinned: { source: 'mailbox', entryId: line.entryId, cause: line.cause },
  transfers: [
    {
      state: 'posted',
      debit: mailboxOf(line.playerId, line.asset),
      credit: sourceOf(line.source, line.asset),
      amount: line.amount,
      code: 'mailbox_expire',
    },
  ],
  movements: [],
  events: [{ type: 'economy.mailbox.expired.v1', key: line.playerId, data: toldOf(line) }],
});
