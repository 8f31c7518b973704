import { randomUUID } from 'node:crypto';
import { LootError } from '../../domain/errors.ts';
import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import { importColumns } from './reads.ts';
import type { ImportRow } from './reads.ts';

export type NewImport = { importId: string; batch: string; clientId: string; actor: string };
/** `staging`: lines may be staged under this token, from the beginning; `known`: the import has been staged before. */
export type OpenedImport =
  | { state: 'staging'; importId: string; token: string }
  | { state: 'known'; row: ImportRow };

/**
 * Begins to stage an import, or meets the one of that batch. An upload that broke off is begun anew: the newest one has the
 * token, an older one that still runs can stage no more. Throws `exists_with_different_body` for another client's batch.
 */
export async function openImport(db: Db, wanted: NewImport): Promise<OpenedImport> {
  const token = randomUUID();
  const opened = await db.transaction(async (tx): Promise<OpenedImport> => {
    await tx.query(
      `INSERT INTO imports (id, batch, client_id, actor, staging_token) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [wanted.importId, wanted.batch, wanted.clientId, wanted.actor, token],
    );
    const { rows } = await tx.query<ImportRow>(
      `SELECT ${importColumns} FROM imports WHERE batch = $1 OR id = $2 ORDER BY batch = $1 DESC LIMIT 1 FOR UPDATE`,
      [wanted.batch, wanted.importId],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('an import vanished between two statements');
    if (row.batch !== wanted.batch || row.clientId !== wanted.clientId)
      throw new LootError('exists_with_different_body', `The batch ${wanted.batch} is another import.`);
    if (row.status !== 'staging') return { state: 'known', row };
    // as young as its newest upload: an old one's age must not have this one pruned
    await tx.query('UPDATE imports SET staging_token = $2, created_at = clock_timestamp() WHERE id = $1', [
      row.importId,
      token,
    ]);
    return { state: 'staging', importId: row.importId, token };
  });
  // what the upload before has left; this one has staged nothing yet
  if (opened.state === 'staging') await deleteLines(db, opened);
  return opened;
}

/**
 * Lines of an import as long as it stages under this token. A newer upload stages only after it has taken the token's
 * place, so that each statement here either ends at once or does not see the newer one's lines.
 */
export const deleteLines = (
  db: Db,
  { importId, token }: { importId: string; token: string },
): Promise<number> =>
  deleteInBatches(
    db,
    {
      table: 'import_lines',
      condition: `import_id = $2 AND EXISTS (
        SELECT FROM imports WHERE id = $2 AND staging_token = $3 AND status = 'staging')`,
      orderBy: 'line',
    },
    [importId, token],
  );
