import type { ImportSums } from '../../domain/imports/check-import.ts';
import type { Queryable } from '../db.ts';

export type ImportStatus = 'staging' | 'posting' | 'completed';
export type ImportRow = {
  importId: string;
  batch: string;
  clientId: string;
  status: ImportStatus;
  bodyHash: string | null;
  lineCount: number;
  postedCount: number;
  refusedCount: number;
  totals: ImportSums | null;
  createdAt: Date;
  completedAt: Date | null;
};

export const importColumns = `id AS "importId", batch, client_id AS "clientId", status, body_hash AS "bodyHash",
  line_count AS "lineCount", posted_count AS "postedCount", refused_count AS "refusedCount", totals,
  created_at AS "createdAt", completed_at AS "completedAt"`;

/** With a client, only one of theirs. */
export async function findImport(
  db: Queryable,
  importId: string,
  clientId: string | null = null,
): Promise<ImportRow | null> {
  const { rows } = await db.query<ImportRow>(
    `SELECT ${importColumns} FROM imports WHERE id = $1 AND ($2::text IS NULL OR client_id = $2)`,
    [importId, clientId],
  );
  return rows[0] ?? null;
}

export type RefusedLine = { line: number; code: string; detail: string };

/** In the order of the file; `after` is the last line seen. */
export async function readRefusedLines(
  db: Queryable,
  importId: string,
  { after = 0, limit }: { after?: number; limit: number },
): Promise<RefusedLine[]> {
  const { rows } = await db.query<RefusedLine>(
    `SELECT line, code, detail FROM import_lines
     WHERE import_id = $1 AND status = 'refused' AND line > $2 ORDER BY line LIMIT $3`,
    [importId, after, limit],
  );
  return rows;
}
