import { canonicalJson } from '../../domain/canonical-json.ts';
import type { ClawbackSelection } from '../../domain/clawback/types.ts';
import type { EventContext } from '../../domain/events.ts';
import { must } from '../../domain/must.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { readClawback } from './reads.ts';
import type { Clawback } from './reads.ts';

export type NewClawback = {
  clawbackId: string;
  selection: ClawbackSelection;
  reason: string;
  requestedBy: string;
  /** How long its report may wait for an approval. */
  approvalLimitMs: number;
};

/** Writes down who wants what taken back; nothing is touched. Opened before under the same id, it is answered again. */
export function openClawback(
  db: Db,
  wanted: NewClawback,
  context: EventContext & { requestId?: string } = {},
): Promise<Clawback> {
  return db.transaction(async (tx) => {
    const { clawbackId, reason, requestedBy, approvalLimitMs } = wanted;
    const selection = canonicalJson(wanted.selection);
    const { rowCount } = await tx.query(
      `INSERT INTO clawbacks (id, selection, reason, requested_by, expires_at)
       VALUES ($1, $2::jsonb, $3, $4, clock_timestamp() + $5 * interval '1 millisecond') ON CONFLICT (id) DO NOTHING`,
      [clawbackId, selection, reason, requestedBy, approvalLimitMs],
    );
    if (rowCount === 1) {
      const detail = { selection: JSON.parse(selection) as never, reason };
      await appendAudit(
        tx,
        { actor: requestedBy, action: 'clawback.requested', target: clawbackId, detail },
        context,
      );
    }
    return must(await readClawback(tx, clawbackId), 'clawback');
  });
}
