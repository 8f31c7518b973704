import { isEqual, join, merkleRoot } from '../../domain/ledger/merkle.ts';
import type { Queryable } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';
import { hashRun } from './hash-run.ts';
import { nameDifferences } from './name-differences.ts';
import { hashOf, headerOf, nextHeader, readBlockAfter } from './reads.ts';
import type { Block, StoredBlock } from './reads.ts';

/** A row that is not what was sealed. `id` is the row's own, or the height of a block. */
export type BlockDifference = {
  table: 'ledger_blocks' | 'journals' | 'transfers' | 'item_movements';
  id: string;
  what: string;
  height: string;
};

export type BlocksVerdict = {
  blockCount: number;
  journalCount: number;
  /** The last block that was looked at, null when there was none. */
  head: Block | null;
  /** The first ones, in order of height; at most `differenceCountMax` are named, all are counted. */
  differences: BlockDifference[];
  differenceCount: number;
  /** No block stands above `head`. */
  reachedEnd: boolean;
};

export type VerifyOptions = {
  /** Start on top of this block, which is trusted. */
  after?: Block | null;
  blockCountMax?: number;
  journalCountMax?: number;
  differenceCountMax?: number;
  onBlock?: (progress: { height: string; journalCount: number }) => void;
};

/**
 * Recomputes blocks from the rows of their journals, in order of height. Above a block that differs it goes on from that
 * block as it is stored, so that one known difference hides no other. Holds one block in memory.
 */
export async function verifyBlocks(
  on: Queryable,
  {
    after = null,
    blockCountMax = Infinity,
    journalCountMax = Infinity,
    differenceCountMax = 100,
    onBlock,
  }: VerifyOptions = {},
): Promise<BlocksVerdict> {
  const verdict: BlocksVerdict = {
    blockCount: 0,
    journalCount: 0,
    head: after,
    differences: [],
    differenceCount: 0,
    reachedEnd: false,
  };
  while (verdict.blockCount < blockCountMax && verdict.journalCount < journalCountMax) {
    const block = await readBlockAfter(on, BigInt(verdict.head?.height ?? 0));
    if (block === null) return { ...verdict, reachedEnd: true };
    for (const named of [...inChain(verdict.head, block), ...(await inJournals(on, block))]) {
      verdict.differenceCount += 1;
      if (verdict.differences.length < differenceCountMax)
        verdict.differences.push({ ...named, height: block.height });
    }
    verdict.head = { ...headerOf(block), hash: block.hash };
    verdict.blockCount += 1;
    verdict.journalCount += block.journalCount;
    onBlock?.({ height: block.height, journalCount: verdict.journalCount });
  }
  return verdict;
}

type Named = Omit<BlockDifference, 'height'>;

/** Whether the block continues the one below it and is what its hash says. */
function inChain(below: Block | null, block: StoredBlock): Named[] {
  const expected = nextHeader(below, headerOf(block));
  const said = (what: string): Named[] => [{ table: 'ledger_blocks', id: block.height, what }];
  if (block.height !== expected.height) return said(`there is no block ${expected.height} below it`);
  if (block.previousHash !== expected.previousHash)
    return said('it names another hash than that of the block below it');
  if (block.firstJournalId !== expected.firstJournalId)
    return said(`it begins at journal ${block.firstJournalId}, not at ${expected.firstJournalId}`);
  if (block.hash !== hashOf(headerOf(block))) return said('its header was rewritten: it has another hash');
  const root = Buffer.from(merkleRoot(sha256, block.leaves)).toString('hex');
  return root === block.merkleRoot ? [] : said('its leaves were rewritten: they have another Merkle root');
}

/** Whether the journals of the run are still what was sealed. */
async function inJournals(on: Queryable, block: StoredBlock): Promise<Named[]> {
  const run = { after: BigInt(block.firstJournalId) - 1n, until: BigInt(block.lastJournalId) };
  const journals = await hashRun(on, run);
  const now = join(...journals.map(({ leaf }) => leaf));
  const intact = isEqual(now, join(...block.leaves));
  return intact ? [] : nameDifferences(block, journals);
}
