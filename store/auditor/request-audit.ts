import type { Tx } from '../db.ts';
import type { AuditMode } from './begin-audit.ts';

/** The row of an audit that somebody asked for, so that it can be read before it begins. Answers whether it is new. */
export async function requestAudit(
  tx: Tx,
  { auditId, mode, actor }: { auditId: string; mode: AuditMode; actor: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'INSERT INTO audits (id, mode, actor) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
    [auditId, mode, actor],
  );
  return rowCount === 1;
}
