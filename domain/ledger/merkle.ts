import type { Sha256 } from '../arena/types.ts';
import { canonicalBytes } from '../canonical-json.ts';

/**
 * The tree under a ledger block, as RFC 6962 (Certificate Transparency) builds it: a leaf is hashed behind a 0 byte, a
 * node behind a 1 byte, so that no node can be passed off as a leaf; a list of n is split at the largest power of two
 * below n. The hash is an argument.
 */
export type PathStep = { side: 'left' | 'right'; hash: Uint8Array };

/** Everything a block's hash covers. Hashes in hex, numbers of the ledger in decimal, as it is published. */
export type BlockHeader = {
  deployment: string;
  ledgerEpoch: number;
  height: string;
  previousHash: string;
  merkleRoot: string;
  firstJournalId: string;
  lastJournalId: string;
  journalCount: number;
};

/** What the first block names as the one before it. */
export const genesisHash = '0'.repeat(64);

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** `content` is the leaf's own bytes: for a journal, the hashes of its rows in order. */
export const leafHash = (hash: Sha256, content: Uint8Array): Uint8Array => hash(join(leafPrefix, content));

const nodeHash = (hash: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array =>
  hash(join(nodePrefix, left, right));

/** Of leaves that are hashed already; of none: the hash of nothing. */
export function merkleRoot(hash: Sha256, leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return hash(new Uint8Array());
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  return nodeHash(hash, merkleRoot(hash, leaves.slice(0, split)), merkleRoot(hash, leaves.slice(split)));
}

/** What stands beside the way from one leaf up to the root, lowest first. */
export function merklePath(hash: Sha256, leaves: readonly Uint8Array[], index: number): PathStep[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`no leaf ${index} among ${leaves.length}`);
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  const left = leaves.slice(0, split);
  const right = leaves.slice(split);
  return index < split
    ? [...merklePath(hash, left, index), { side: 'right', hash: merkleRoot(hash, right) }]
    : [...merklePath(hash, right, index - split), { side: 'left', hash: merkleRoot(hash, left) }];
}

/** Whether the leaf, walked up its path, ends at the root: the check an outsider makes. */
export function verifyInclusion(
  hash: Sha256,
  proof: { leaf: Uint8Array; path: readonly PathStep[]; root: Uint8Array },
): boolean {
  const top = proof.path.reduce(
    (below, step) =>
      step.side === 'left' ? nodeHash(hash, step.hash, below) : nodeHash(hash, below, step.hash),
    proof.leaf,
  );
  return isEqual(top, proof.root);
}

/** The block's own hash: SHA-256 of its header's canonical JSON, the hash of the block before it among it. */
export const blockHash = (hash: Sha256, header: BlockHeader): Uint8Array => hash(canonicalBytes(header));

function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
