import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';
import { exportSections } from './export-sections.ts';

export type ExportLine = { type: string; data: Record<string, JsonValue> };

const pageRowsMax = 500;

/**
 * Everything held about a player, one fact a line, read page by page while it is taken: what happens meanwhile may be in it
 * or not. Secrets and hashes of secrets are not in it.
 */
export async function* exportPlayer(db: Queryable, playerId: string): AsyncGenerator<ExportLine> {
  for (const { type, sql } of exportSections) {
    let after: string | null = null;
    do {
      const rows: Row[] = await readRows(db, sql, playerId, after);
      for (const { data } of rows) yield { type, data };
      after = rows.length === pageRowsMax ? (rows.at(-1)?.cursor ?? null) : null;
    } while (after !== null);
  }
}

type Row = { cursor: string; data: Record<string, JsonValue> };

async function readRows(db: Queryable, sql: string, playerId: string, after: string | null): Promise<Row[]> {
  const { rows } = await db.query<Row>(
    `SELECT line.cursor::text AS cursor, to_jsonb(line) - 'cursor' AS data FROM (${sql}) line`,
    [playerId, after, pageRowsMax],
  );
  return rows;
}
