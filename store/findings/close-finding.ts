import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import type { Tx } from '../db.ts';
import { appendAudit } from '../audit/append-audit.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { findingColumns } from './reads.ts';
import type { Finding } from './reads.ts';

/** Marks a finding as dealt with: what was wrong is right again. Closing one that is not open changes nothing. */
export async function closeFinding(tx: Tx, finding: { rule: string; subject: string }): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE findings SET closed_at = now() WHERE rule = $1 AND subject = $2 AND closed_at IS NULL',
    [finding.rule, finding.subject],
  );
  if (rowCount === 0) return false;
  const data = { ...finding, closedBy: 'system:auditor', reason: 'it is right again' };
  await appendEvents(tx, [
    { type: 'ledger.finding.closed.v1', key: finding.rule, subject: finding.subject, data },
  ]);
  return true;
}

/**
 * An operator closes a finding with a reason; closed before, it answers as it is. As long as it stays the same the auditor
 * does not open it again. Throws `not_found`.
 */
export async function closeFindingBy(
  tx: Tx,
  { id, actor, reason }: { id: bigint; actor: string; reason: string },
  context: EventContext & { requestId?: string } = {},
): Promise<Finding> {
  const { rows } = await tx.query<Finding>(
    `UPDATE findings SET closed_at = now(), closed_by = $2, close_reason = $3 WHERE id = $1 AND closed_at IS NULL
     RETURNING ${findingColumns}`,
    [id, actor, reason],
  );
  const closed = rows[0];
  if (closed === undefined) {
    const { rows: there } = await tx.query<Finding>(`SELECT ${findingColumns} FROM findings WHERE id = $1`, [
      id,
    ]);
    if (there[0] === undefined) throw new LootError('not_found', 'There is no such finding.');
    return there[0];
  }
  const { rule, subject } = closed;
  const target = `finding:${id}`;
  await appendAudit(
    tx,
    { actor, action: 'finding.closed', target, detail: { rule, subject, reason } },
    context,
  );
  const { requestId: _requestId, ...eventContext } = context;
  const data = { rule, subject, closedBy: actor, reason };
  await appendEvents(tx, [{ type: 'ledger.finding.closed.v1', key: rule, subject, data }], eventContext);
  return closed;
}
