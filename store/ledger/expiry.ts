import { journalKeys } from '../../domain/ledger/keys.ts';
import type { NewJournal, PendingRef } from '../../domain/ledger/types.ts';

/** Gives back what a hold past its expiry reserved. */
export const expiryOf = (transferId: bigint, pending: PendingRef, actor: string): NewJournal => ({
  key: journalKeys.expire(transferId),
  kind: 'expire',
  actor,
  reason: 'the hold expired',
  transfers: [{ state: 'void', pending, code: 'hold' }],
  movements: [],
  events: [],
});
