import { join, merkleRoot } from '../../domain/ledger/merkle.ts';
import type { BlockHeader } from '../../domain/ledger/merkle.ts';
import type { Db } from '../db.ts';
import { settledJournalId } from '../ledger/settled-journal.ts';
import { sha256 } from '../matches/sha256.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { hashRun } from './hash-run.ts';
import type { HashedJournal } from './hash-run.ts';
import { hashOf, nextHeader, readHead } from './reads.ts';

export type SealOptions = {
  /** Journals of one block, which is what is held in memory. */
  journalCountMax?: number;
  /** Blocks of one call. */
  blockCountMax?: number;
  /** How long to wait for posts that are under way. */
  waitMsMax?: number;
  /** Nothing to do when a block was sealed so lately, as another process may have done. */
  minAgeMs?: number;
};

/**
 * Seals the journals since the newest block: runs of them, in the order of their ids, up to where nothing can change any
 * more. Ids that were drawn and never committed are gaps inside a run; a journal that appears in one later is seen.
 * A block and the event that tells its hash to the outside are one transaction. Several processes may seal at once: the
 * height decides, and whoever comes second has worked for nothing.
 *
 * Answers how many blocks this call has sealed; 0 when there is nothing new or a long transaction is in the way.
 */
export async function sealBlocks(
  db: Db,
  { journalCountMax = 10_000, blockCountMax = 20, waitMsMax = 1_000, minAgeMs = 0 }: SealOptions = {},
): Promise<number> {
  if (minAgeMs > 0 && (await hasFreshBlock(db, minAgeMs))) return 0;
  const settled = await settledJournalId(db, waitMsMax);
  if (settled === null) return 0;
  let sealedCount = 0;
  while (sealedCount < blockCountMax) {
    const next = await sealNext(db, settled, journalCountMax);
    if (next.sealed) sealedCount += 1;
    if (!next.more) break;
  }
  return sealedCount;
}

async function hasFreshBlock(db: Db, minAgeMs: number): Promise<boolean> {
  const { rows } = await db.query<{ fresh: boolean }>(
    `SELECT sealed_at > clock_timestamp() - $1 * interval '1 millisecond' AS fresh FROM ledger_blocks
     ORDER BY height DESC LIMIT 1`,
    [minAgeMs],
  );
  return rows[0]?.fresh ?? false;
}

async function sealNext(
  db: Db,
  settled: bigint,
  journalCountMax: number,
): Promise<{ sealed: boolean; more: boolean }> {
  const head = await readHead(db);
  const after = BigInt(head?.lastJournalId ?? 0);
  const { until, more } = await endOfRun(db, after, settled, journalCountMax);
  const journals = after < until ? await hashRun(db, { after, until }) : [];
  if (journals.length === 0) return { sealed: false, more: false };
  const root = merkleRoot(
    sha256,
    journals.map(({ leaf }) => leaf),
  );
  const header = nextHeader(head, {
    ...(await deploymentOf(db)),
    merkleRoot: Buffer.from(root).toString('hex'),
    lastJournalId: until.toString(),
    journalCount: journals.length,
  });
  const sealed = await append(db, header, journals);
  // somebody else was faster: their block goes as far
  return { sealed, more: more && sealed };
}

async function endOfRun(db: Db, after: bigint, settled: bigint, journalCountMax: number) {
  const { rows } = await db.query<{ count: number; last: bigint | null }>(
    `SELECT count(*)::int AS count, max(id) AS last FROM
       (SELECT id FROM journals WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3) run`,
    [after, settled, journalCountMax],
  );
  const run = rows[0];
  const full = run?.count === journalCountMax && run.last !== null;
  return full ? { until: run.last ?? settled, more: true } : { until: settled, more: false };
}

async function deploymentOf(db: Db): Promise<Pick<BlockHeader, 'deployment' | 'ledgerEpoch'>> {
  const { rows } = await db.query<{ name: string; ledger_epoch: number }>(
    'SELECT name, ledger_epoch FROM deployment',
  );
  return { deployment: rows[0]?.name ?? '', ledgerEpoch: rows[0]?.ledger_epoch ?? 1 };
}

function append(db: Db, header: BlockHeader, journals: readonly HashedJournal[]): Promise<boolean> {
  const hash = hashOf(header);
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `INSERT INTO ledger_blocks (height, first_journal_id, last_journal_id, journal_count, merkle_root, previous_hash, hash,
         deployment, ledger_epoch, leaves, row_digests)
       VALUES ($1, $2, $3, $4, decode($5, 'hex'), decode($6, 'hex'), decode($7, 'hex'), $8, $9, $10, $11)
       ON CONFLICT (height) DO NOTHING`,
      [
        header.height,
        header.firstJournalId,
        header.lastJournalId,
        header.journalCount,
        header.merkleRoot,
        header.previousHash,
        hash,
        header.deployment,
        header.ledgerEpoch,
        Buffer.from(join(...journals.map(({ leaf }) => leaf))),
        Buffer.from(join(...journals.flatMap(({ rows }) => rows.map(({ digest }) => digest)))),
      ],
    );
    if (rowCount === 0) return false;
    // one aggregate: the blocks of a deployment are told in order
    const key = header.deployment || 'ledger';
    await appendEvents(tx, [{ type: 'ledger.block.sealed.v1', key, data: { ...header, hash } }]);
    return true;
  });
}
