import { must } from '../../domain/must.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db, Queryable } from '../db.ts';

const action = 'ledger.epoch-reconciled';

/** Whether the present epoch was reconciled to the end: what runs since then must not be started again. */
export async function isReconciled(on: Queryable): Promise<boolean> {
  const { rows } = await on.query<{ done: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM deployment d JOIN audit_entries a ON a.target = d.name
       WHERE a.action = $1 AND a.detail->'epoch' = to_jsonb(d.ledger_epoch)) AS done`,
    [action],
  );
  return rows[0]?.done ?? false;
}

export function markReconciled(db: Db, actor: string): Promise<void> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ name: string; epoch: number }>(
      'SELECT name, ledger_epoch AS epoch FROM deployment',
    );
    const { name, epoch } = must(rows[0], 'deployment');
    await appendAudit(tx, { actor, action, target: name, detail: { epoch } });
  });
}
