import type { JsonValue } from '../../domain/canonical-json.ts';
import type { JournalCause, JournalKind } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';

export type JournalView = {
  id: bigint;
  key: string;
  kind: JournalKind;
  cause: { [part in keyof Required<JournalCause>]: string | null };
  pinned: JsonValue;
  /** What a repeat under the same key must agree with; see `bodyHash`. */
  bodyHash: Buffer;
  createdAt: Date;
};

/** The journal under a business key; a tombstone is one too. */
export async function readJournal(db: Queryable, key: string): Promise<JournalView | null> {
  const { rows } = await db.query<JournalView>({
    name: 'read_journal',
    text: `
      SELECT id, key, kind, pinned, body_hash AS "bodyHash", created_at AS "createdAt", jsonb_build_object('actor', actor, 'workflowId', workflow_id,
        'step', step, 'requestId', request_id, 'traceId', trace_id, 'reason', reason) AS cause
      FROM journals WHERE key = $1`,
    values: [key],
  });
  return rows[0] ?? null;
}
