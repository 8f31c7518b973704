import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Holder, JournalKind } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';

/** One link of an item's chain of custody. `attributes` stand where the movement set them. */
export type ItemMovementView = {
  id: bigint;
  code: 'mint' | 'burn' | 'transfer' | 'modify' | 'lock' | 'unlock';
  from: Holder | null;
  to: Holder | null;
  lockBefore: string | null;
  lockAfter: string | null;
  attributes: JsonValue;
  journalId: bigint;
  key: string;
  kind: JournalKind;
  actor: string;
  reason: string | null;
  workflowId: string | null;
  step: string | null;
  createdAt: Date;
};

/** From the mint to now; `after` is the id of the last movement seen. */
export async function readItemHistory(
  db: Queryable,
  itemId: string,
  { after, limit }: { after?: bigint; limit: number },
): Promise<ItemMovementView[]> {
  const { rows } = await db.query<ItemMovementView>(
    `SELECT m.id, m.code, m.from_owner AS "from", m.to_owner AS "to", m.lock_before AS "lockBefore",
       m.lock_after AS "lockAfter", m.attributes, m.journal_id AS "journalId", j.key, j.kind, j.actor, j.reason,
       j.workflow_id AS "workflowId", j.step, j.created_at AS "createdAt"
     FROM item_movements m JOIN journals j ON j.id = m.journal_id
     WHERE m.item_id = $1 AND ($2::bigint IS NULL OR m.id > $2) ORDER BY m.id LIMIT $3`,
    [itemId, after ?? null, limit],
  );
  return rows;
}
