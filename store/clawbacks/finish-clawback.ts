import { createTotals, unbalanced } from '../../domain/clawback/totals.ts';
import type { ClawbackOutcome } from '../../domain/clawback/types.ts';
import type { Db } from '../db.ts';
import { openFinding } from '../findings/open-finding.ts';
import { countReversedBefore, readOpenTargets } from './reads.ts';
import type { Clawback } from './reads.ts';
import { requireClawback } from './record-report.ts';

const pageCount = 1_000;

/**
 * Adds up what became of every grant and completes the clawback. A sum that is not zero is a bug of ours: it is kept as it
 * is, beside a finding. One of which grants are left is answered as it stands. Idempotent. Throws `not_found`.
 */
export async function finishClawback(
  db: Db,
  clawbackId: string,
  onProgress: (progress: object) => void = () => {},
): Promise<Clawback> {
  const left = await readOpenTargets(db, clawbackId, { after: -1n, limit: 1 });
  if (left.length > 0) return requireClawback(db, clawbackId);
  const totals = createTotals();
  for (let after = -1n; ;) {
    const { rows } = await db.query<{ id: bigint; playerId: string; outcome: ClawbackOutcome }>(
      `SELECT journal_id AS id, player_id AS "playerId", outcome FROM clawback_lines
       WHERE clawback_id = $1 AND journal_id > $2 ORDER BY journal_id LIMIT $3`,
      [clawbackId, after, pageCount],
    );
    for (const { playerId, outcome } of rows) totals.add(playerId, outcome);
    if (rows.length < pageCount) break;
    after = rows.at(-1)?.id ?? after;
    onProgress({ added: after.toString() });
  }
  const result = { ...totals.read(), reversedBeforeCount: await countReversedBefore(db, clawbackId) };
  const lines = unbalanced(result);
  if (lines.length > 0)
    await db.transaction((tx) =>
      openFinding(tx, { rule: 'clawback_unbalanced', subject: clawbackId, detail: { lines } }),
    );
  await db.query(
    `UPDATE clawbacks SET state = 'completed', result = $2::jsonb, ended_at = clock_timestamp()
     WHERE id = $1 AND state = 'reversing'`,
    [clawbackId, JSON.stringify(result)],
  );
  return requireClawback(db, clawbackId);
}
