import { LootError } from '../../domain/errors.ts';
import type { Db } from '../db.ts';
import { examine } from './examine-clawback.ts';
import { readClawback } from './reads.ts';
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
  const { report, hash } = await examine(db, clawbackId, clawback.selection, onProgress);
  const { computedAt: _, places: __, ...result } = report;
  const isOver = report.grantCount === 0;
  await db.query(
    `UPDATE clawbacks SET state = $2, report = $3::jsonb, report_hash = $4, result = $5::jsonb,
       ended_at = CASE WHEN $2 = 'completed' THEN clock_timestamp() END
     WHERE id = $1 AND state = 'examining'`,
    [
      clawbackId,
      isOver ? 'completed' : 'waiting',
      JSON.stringify(report),
      hash,
      isOver ? JSON.stringify(result) : null,
    ],
  );
  return requireClawback(db, clawbackId);
}

/**
 * Turns an approval into work: examines again, and begins only if that shows what was approved. Otherwise the new report
 * takes the place of the old one and waits for an approval of its own. Idempotent. Throws `not_found`.
 */
export async function beginReversal(
  db: Db,
  clawbackId: string,
  onProgress: (progress: object) => void = () => {},
): Promise<Clawback> {
  const clawback = await requireClawback(db, clawbackId);
  if (clawback.state !== 'approved') return clawback;
  const { report, hash } = await examine(db, clawbackId, clawback.selection, onProgress);
  await db.query(
    `UPDATE clawbacks SET
       state = CASE WHEN approved_hash = $3 THEN 'reversing' ELSE 'waiting' END,
       approved_by = CASE WHEN approved_hash = $3 THEN approved_by END,
       approved_hash = CASE WHEN approved_hash = $3 THEN approved_hash END,
       report = $2::jsonb, report_hash = $3
     WHERE id = $1 AND state = 'approved'`,
    [clawbackId, JSON.stringify(report), hash],
  );
  return requireClawback(db, clawbackId);
}

export async function requireClawback(db: Db, clawbackId: string): Promise<Clawback> {
  const clawback = await readClawback(db, clawbackId);
  if (clawback === null) throw new LootError('not_found', `There is no clawback ${clawbackId}.`);
  return clawback;
}
