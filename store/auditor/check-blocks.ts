import { readBlock } from '../blocks/reads.ts';
import { verifyBlocks } from '../blocks/verify-blocks.ts';
import type { BlocksVerdict } from '../blocks/verify-blocks.ts';
import type { Db } from '../db.ts';
import { readProgress } from './begin-audit.ts';
import { violationCountMax } from './scope.ts';
import type { Found } from './scope.ts';

/** Of the chain one look at what is new goes over this much: it comes round to every block again and again. */
const blockCountMax = 2_000;
const journalCountMax = 100_000;

type Options = {
  full: boolean;
  onProgress?: ((progress: { height: string; journalCount: number }) => void) | undefined;
};

/** The chain recomputed: all of it, or a stretch from where the last look ended. Names what differs. */
export async function checkBlocks(db: Db, { full, onProgress }: Options): Promise<Found> {
  const from = full ? 0n : (await readProgress(db)).blockHeight;
  const verdict = await verifyBlocks(db, {
    after: from === 0n ? null : await readBlock(db, from),
    ...(onProgress && { onBlock: onProgress }),
    differenceCountMax: violationCountMax,
    ...(!full && { blockCountMax, journalCountMax }),
  });
  if (!full) await remember(db, verdict);
  const violations = verdict.differences.map(({ table, id, what, height }) => ({
    subject: `${table} ${id}`.trim(),
    detail: `${what} (block ${height})`,
    since: null,
  }));
  return { violations, violationCount: verdict.differenceCount };
}

/** The next stretch begins where this one ended, at the first block after the last. */
async function remember(db: Db, { head, reachedEnd }: BlocksVerdict): Promise<void> {
  await db.query('UPDATE audit_progress SET block_height = $1', [reachedEnd ? 0n : (head?.height ?? 0n)]);
}
