import type { ClawbackReport } from '../../domain/clawback/types.ts';
import { LootError } from '../../domain/errors.ts';
import type { Db, Queryable, Tx } from '../db.ts';
import { examine } from './examine-clawback.ts';
import { countTargets, readClawback } from './reads.ts';
import type { Clawback } from './reads.ts';

/**
 * Examines a clawback that has not begun and keeps the report. Where nothing is left to take back it is completed at once;
 * else it waits. Idempotent; one that has a report already is answered as it stands. Throws `not_found`.
 */
export async function recordReport(
  db: Db,
  clawbackId: string,
  onProgress: (progress: object) => void = () => {},
): Promise<Clawback> {
  const clawback = await requireClawback(db, clawbackId);
  if (clawback.state !== 'examining') return clawback;
  const examined = await examine(db, clawbackId, clawback.selection, onProgress);
  if (examined === null) return requireClawback(db, clawbackId);
  const { report, hash } = examined;
  if (report.grantCount === 0) await completeEmpty(db, clawbackId, report, hash);
  else
    await db.query(
      `UPDATE clawbacks SET state = 'waiting', report = $2::jsonb, report_hash = $3 WHERE id = $1 AND state = 'examining'`,
      [clawbackId, JSON.stringify(report), hash],
    );
  return requireClawback(db, clawbackId);
}

/**
 * Turns an approval into work: examines again, and begins only if that shows what was approved. Otherwise the new report
 * takes the place of the old one and waits for an approval of its own. Another attempt may have selected more while this one
 * was counting: then it counts again, for what is begun is exactly what was counted. Idempotent. Throws `not_found`.
 */
export async function beginReversal(
  db: Db,
  clawbackId: string,
  onProgress: (progress: object) => void = () => {},
): Promise<Clawback> {
  for (;;) {
    const clawback = await requireClawback(db, clawbackId);
    if (clawback.state !== 'approved') return clawback;
    const examined = await examine(db, clawbackId, clawback.selection, onProgress);
    if (examined !== null) await db.transaction((tx) => beginOrAsk(tx, clawbackId, examined));
  }
}

type Examined = NonNullable<Awaited<ReturnType<typeof examine>>>;

async function beginOrAsk(
  tx: Tx,
  clawbackId: string,
  { report, hash, targetCount }: Examined,
): Promise<void> {
  // nobody adds a target while this lock is held
  await tx.query('SELECT 1 FROM clawbacks WHERE id = $1 FOR UPDATE', [clawbackId]);
  if ((await countTargets(tx, clawbackId)) !== targetCount) return;
  if (report.grantCount === 0) await completeEmpty(tx, clawbackId, report, hash);
  await tx.query(
    `UPDATE clawbacks SET
       state = CASE WHEN approved_hash = $3 THEN 'reversing' ELSE 'waiting' END,
       approved_by = CASE WHEN approved_hash = $3 THEN approved_by END,
       approved_hash = CASE WHEN approved_hash = $3 THEN approved_hash END,
       report = $2::jsonb, report_hash = $3
     WHERE id = $1 AND state = 'approved'`,
    [clawbackId, JSON.stringify(report), hash],
  );
}

/** Nothing is left to take back: another clawback was faster, or nothing was selected. */
async function completeEmpty(
  on: Queryable,
  clawbackId: string,
  report: ClawbackReport,
  hash: string,
): Promise<void> {
  const { computedAt: _, places: __, ...result } = report;
  await on.query(
    `UPDATE clawbacks SET state = 'completed', report = $2::jsonb, report_hash = $3, result = $4::jsonb,
       ended_at = clock_timestamp()
     WHERE id = $1 AND state IN ('examining', 'approved')`,
    [clawbackId, JSON.stringify(report), hash, JSON.stringify(result)],
  );
}

export async function requireClawback(db: Db, clawbackId: string): Promise<Clawback> {
  const clawback = await readClawback(db, clawbackId);
  if (clawback === null) throw new LootError('not_found', `There is no clawback ${clawbackId}.`);
  return clawback;
}
