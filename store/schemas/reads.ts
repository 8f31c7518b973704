import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';

export type StoredSchema = { id: number; subject: string; version: number; content: JsonValue };

const columns = 'id, subject, version, content';

export async function readSchema(db: Queryable, id: number): Promise<StoredSchema | undefined> {
  const { rows } = await db.query<StoredSchema>(`SELECT ${columns} FROM schemas WHERE id = $1`, [id]);
  return rows[0];
}

export async function readSubjects(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ subject: string }>(
    'SELECT DISTINCT subject FROM schemas ORDER BY subject',
  );
  return rows.map(({ subject }) => subject);
}

/** The id of a subject's latest version. */
export async function readNewestId(db: Queryable, subject: string): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(
    'SELECT id FROM schemas WHERE subject = $1 ORDER BY version DESC LIMIT 1',
    [subject],
  );
  return rows[0]?.id;
}

/** All versions of a subject, the first first. */
export async function readVersions(db: Queryable, subject: string): Promise<StoredSchema[]> {
  const { rows } = await db.query<StoredSchema>(
    `SELECT ${columns} FROM schemas WHERE subject = $1 ORDER BY version`,
    [subject],
  );
  return rows;
}

/** The version of a subject that has this content. */
export async function readByFingerprint(
  db: Queryable,
  subject: string,
  fingerprint: string,
): Promise<StoredSchema | undefined> {
  const { rows } = await db.query<StoredSchema>(
    `SELECT ${columns} FROM schemas WHERE subject = $1 AND fingerprint = $2`,
    [subject, fingerprint],
  );
  return rows[0];
}
