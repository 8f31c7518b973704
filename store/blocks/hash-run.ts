import { join, leafHash } from '../../domain/ledger/merkle.ts';
import type { Queryable } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';
import { readJournalRows } from './read-rows.ts';
import type { LedgerRow } from './read-rows.ts';

export const leafBytes = 32;
/** Of a row's hash a block keeps this much: enough to tell which row of a journal was rewritten, no proof by itself. */
export const digestBytes = 8;

export type HashedJournal = {
  journalId: bigint;
  leaf: Uint8Array;
  rows: (Pick<LedgerRow, 'table' | 'id'> & { digest: Uint8Array })[];
};

const encoder = new TextEncoder();

/** Hashes the journals in `(after, until]` as they stand now: at most a block of them, so memory is bounded. */
export async function hashRun(
  on: Queryable,
  run: { after: bigint; until: bigint },
): Promise<HashedJournal[]> {
  const hashed: HashedJournal[] = [];
  for await (const { journalId, rows } of readJournalRows(on, run)) {
    const hashedRows = rows.map(({ table, id, text }) => ({ table, id, hash: sha256(encoder.encode(text)) }));
    hashed.push({
      journalId,
      leaf: leafHash(sha256, join(...hashedRows.map(({ hash }) => hash))),
      rows: hashedRows.map(({ table, id, hash }) => ({ table, id, digest: hash.subarray(0, digestBytes) })),
    });
  }
  return hashed;
}

/** `leaves` and `row_digests` of a block, taken apart. */
export const split = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
