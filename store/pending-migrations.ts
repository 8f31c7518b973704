import { readdir } from 'node:fs/promises';
import type { Queryable } from './db.ts';

/** Names of the migrations the database has not applied, oldest first. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const folder = new URL('../prisma/migrations/', import.meta.url);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const exists = await db.query<{ table: string | null }>(
    "SELECT to_regclass('_prisma_migrations')::text AS table",
  );
  if (!exists.rows[0]?.table) return names.toSorted();
  const { rows } = await db.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const applied = new Set(rows.map((row) => row.migration_name));
  return names.filter((name) => !applied.has(name)).toSorted();
}
