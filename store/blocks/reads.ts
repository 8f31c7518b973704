import { blockHash, genesisHash, merklePath } from '../../domain/ledger/merkle.ts';
import type { BlockHeader } from '../../domain/ledger/merkle.ts';
import type { Queryable } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';
import { hashRun, leafBytes, split } from './hash-run.ts';

/** A block as it is stored, its hashes in hex. */
export type Block = BlockHeader & { hash: string };

type BlockRow = {
  height: bigint;
  first_journal_id: bigint;
  last_journal_id: bigint;
  journal_count: number;
  merkle_root: Buffer;
  previous_hash: Buffer;
  hash: Buffer;
  deployment: string;
  ledger_epoch: number;
};
const columns =
  'height, first_journal_id, last_journal_id, journal_count, merkle_root, previous_hash, hash, deployment, ledger_epoch';

const blockOf = (row: BlockRow): Block => ({
  deployment: row.deployment,
  ledgerEpoch: row.ledger_epoch,
  height: row.height.toString(),
  previousHash: row.previous_hash.toString('hex'),
  merkleRoot: row.merkle_root.toString('hex'),
  firstJournalId: row.first_journal_id.toString(),
  lastJournalId: row.last_journal_id.toString(),
  journalCount: row.journal_count,
  hash: row.hash.toString('hex'),
});

/** The newest block, or null before the first. */
export async function readHead(on: Queryable): Promise<Block | null> {
  const { rows } = await on.query<BlockRow>(
    `SELECT ${columns} FROM ledger_blocks ORDER BY height DESC LIMIT 1`,
  );
  return rows[0] ? blockOf(rows[0]) : null;
}

/** One block by its height. */
export async function readBlock(on: Queryable, height: bigint): Promise<Block | null> {
  const { rows } = await on.query<BlockRow>(`SELECT ${columns} FROM ledger_blocks WHERE height = $1`, [
    height,
  ]);
  return rows[0] ? blockOf(rows[0]) : null;
}

export type StoredBlock = Block & { leaves: Uint8Array[]; rowDigests: Buffer };

/** The first block above a height, with what it keeps of its journals; null above the newest. */
export async function readBlockAfter(on: Queryable, height: bigint): Promise<StoredBlock | null> {
  const { rows } = await on.query<BlockRow & { leaves: Buffer; row_digests: Buffer }>(
    `SELECT ${columns}, leaves, row_digests FROM ledger_blocks WHERE height > $1 ORDER BY height LIMIT 1`,
    [height],
  );
  const row = rows[0];
  return row ? { ...blockOf(row), leaves: split(row.leaves, leafBytes), rowDigests: row.row_digests } : null;
}

/** What a block's hash covers, and nothing else of it. */
export const headerOf = (block: Block): BlockHeader => ({
  deployment: block.deployment,
  ledgerEpoch: block.ledgerEpoch,
  height: block.height,
  previousHash: block.previousHash,
  merkleRoot: block.merkleRoot,
  firstJournalId: block.firstJournalId,
  lastJournalId: block.lastJournalId,
  journalCount: block.journalCount,
});

export const hashOf = (header: BlockHeader): string => Buffer.from(blockHash(sha256, header)).toString('hex');

/** The header a block would have on top of `head`. */
export const nextHeader = (
  head: Block | null,
  next: Omit<BlockHeader, 'height' | 'previousHash' | 'firstJournalId'>,
): BlockHeader => ({
  ...next,
  height: (head === null ? 1n : BigInt(head.height) + 1n).toString(),
  previousHash: head?.hash ?? genesisHash,
  firstJournalId: (head === null ? 1n : BigInt(head.lastJournalId) + 1n).toString(),
});

/** `leaf` is hashed from the journal's rows as they stand now; walked up `path`, it is the block's root or was rewritten. */
export type InclusionProof = {
  block: Block;
  leaf: string;
  path: { side: 'left' | 'right'; hash: string }[];
};

/** The proof that a journal stands in its block; null while it is not sealed yet (seconds), or does not exist. */
export async function readInclusionProof(on: Queryable, journalId: bigint): Promise<InclusionProof | null> {
  const { rows } = await on.query<BlockRow & { leaves: Buffer; position: number }>(
    `SELECT ${columns}, leaves,
       (SELECT count(*)::int FROM journals j WHERE j.id >= b.first_journal_id AND j.id < $1) AS position
     FROM (SELECT * FROM ledger_blocks WHERE last_journal_id >= $1 ORDER BY last_journal_id LIMIT 1) b
     WHERE first_journal_id <= $1`,
    [journalId],
  );
  const row = rows[0];
  const [journal] = await hashRun(on, { after: journalId - 1n, until: journalId });
  if (!row || journal?.rows[0]?.table !== 'journals') return null;
  const leaves = split(row.leaves, leafBytes);
  if (row.position >= leaves.length) return null;
  return {
    block: blockOf(row),
    leaf: hex(journal.leaf),
    path: merklePath(sha256, leaves, row.position).map(({ side, hash }) => ({ side, hash: hex(hash) })),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
