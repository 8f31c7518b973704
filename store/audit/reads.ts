import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';

export type AuditRow = {
  id: string;
  actor: string;
  action: string;
  target: string;
  detail: JsonValue;
  requestId: string | null;
  /** as the database writes it, microseconds included: it is a position in the list */
  createdAt: string;
};

export type AuditFilter = { actor?: string; action?: string; target?: string };

/** Who did what to whom, newest first. */
export async function readAuditEntries(
  db: Queryable,
  filter: AuditFilter,
  page: { after?: readonly string[]; limit: number },
): Promise<AuditRow[]> {
  const [createdAt = null, id = null] = page.after ?? [];
  const { rows } = await db.query<AuditRow>(
    `SELECT id, actor, action, target, detail, request_id AS "requestId", created_at::text AS "createdAt" FROM audit_entries
     WHERE ($1::timestamptz IS NULL OR (created_at, id) < ($1::timestamptz, $2::uuid))
       AND ($3::text IS NULL OR actor = $3) AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR target = $5)
     ORDER BY created_at DESC, id DESC LIMIT $6`,
    [createdAt, id, filter.actor ?? null, filter.action ?? null, filter.target ?? null, page.limit],
  );
  return rows;
}
