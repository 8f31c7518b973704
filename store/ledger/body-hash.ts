import { hash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { NewJournal, NewTransfer } from '../../domain/ledger/types.ts';

/**
 * What a repeat under the same key must agree with, as SHA-256 of its canonical JSON: the journal's named identity, else
 * its lines. Cause, pinned data and events are told about a journal but do not make it another one.
 */
export function bodyHash(journal: NewJournal): Buffer {
  const lines = {
    transfers: journal.transfers.map(transferBody),
    movements: journal.movements as unknown as JsonValue,
  };
  const body = {
    kind: journal.kind,
    ...(journal.identity === undefined ? lines : { identity: journal.identity }),
  };
  // of its UTF-8 bytes, in one call: a hash object per journal costs more than the hash
  return hash('sha256', canonicalJson(body), 'buffer');
}

/** A hold's life in milliseconds is a setting that may have changed between two tries. */
function transferBody(transfer: NewTransfer) {
  if (transfer.state === 'post' || transfer.state === 'void') return transfer;
  const { state, debit, credit, amount, code } = transfer;
  return { state, debit, credit, amount: amount.toString(), code };
}
