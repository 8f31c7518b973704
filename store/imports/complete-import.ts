import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { findImport } from './reads.ts';

/** Ends an import all of whose lines are posted or refused; done again it changes nothing. Throws as long as some are not. */
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
         AND posted_count + refused_count = line_count`,
      [importId],
    );
    const row = await findImport(tx, importId);
    if (row === null) throw new LootError('not_found', `There is no import ${importId}.`);
    const { lineCount, postedCount, refusedCount } = row;
    if (row.status !== 'completed')
      throw new Error(
        `${lineCount - postedCount - refusedCount} lines of the import ${importId} are not posted`,
      );
    if (rowCount === 1) {
      const detail = { postedCount, refusedCount };
      await appendAudit(tx, { actor, action: 'import.completed', target: importId, detail }, context);
    }
    return { postedCount, refusedCount };
  });
}
