import type { JsonValue } from '../../domain/canonical-json.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

export type AuditEntry = { actor: string; action: string; target: string; detail: JsonValue };

/** Who did what to whom, in the transaction of the deed: a row here and an event in `audit.trail`. */
export async function appendAudit(
  tx: Tx,
  entry: AuditEntry,
  context: EventContext & { requestId?: string } = {},
): Promise<void> {
  const { requestId, ...eventContext } = context;
  await tx.query(
    'INSERT INTO audit_entries (actor, action, target, detail, request_id) VALUES ($1, $2, $3, $4, $5)',
    [entry.actor, entry.action, entry.target, JSON.stringify(entry.detail), requestId ?? null],
  );
  await appendEvents(tx, [{ type: 'audit.trail.recorded.v1', key: entry.target, data: entry }], eventContext);
}
