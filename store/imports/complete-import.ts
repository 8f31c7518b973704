import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { findImport } from './reads.ts';

/** Ends an import none of whose lines waits any more; done again it changes nothing. */
export function completeImport(
  db: Db,
  importId: string,
  actor: string,
  context: EventContext = {},
): Promise<{ postedCount: number; refusedCount: number }> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE imports SET status = 'completed', completed_at = clock_timestamp()
       WHERE id = $1 AND status = 'posting'
         AND NOT EXISTS (SELECT 1 FROM import_lines WHERE import_id = $1 AND status = 'waiting')`,
      [importId],
    );
    const row = await findImport(tx, importId);
    if (row === null) throw new LootError('not_found', `There is no import ${importId}.`);
    const { postedCount, refusedCount } = row;
    if (rowCount === 1) {
      const detail = { postedCount, refusedCount };
      await appendAudit(tx, { actor, action: 'import.completed', target: importId, detail }, context);
    }
    return { postedCount, refusedCount };
  });
}
