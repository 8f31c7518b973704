import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Tx } from '../db.ts';

export type NewSchema = {
  subject: string;
  fingerprint: string;
  content: JsonValue;
  /** null: this build. */
  registeredBy: string | null;
};
export type RegisteredSchema = { id: number; version: number; replayed: boolean };

/**
 * Adds the next version of a subject, or answers the version that already has this content. Two callers take turns per
 * subject. `check` sees all earlier versions before anything is written and refuses by throwing.
 */
export async function registerSchema(
  tx: Tx,
  schema: NewSchema,
  check: (earlier: readonly JsonValue[]) => void,
): Promise<RegisteredSchema> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`schema:${schema.subject}`]);
  const { rows: earlier } = await tx.query<{
    id: number;
    version: number;
    fingerprint: string;
    content: JsonValue;
  }>('SELECT id, version, fingerprint, content FROM schemas WHERE subject = $1 ORDER BY version', [
    schema.subject,
  ]);
  const same = earlier.find(({ fingerprint }) => fingerprint === schema.fingerprint);
  if (same !== undefined) return { id: same.id, version: same.version, replayed: true };
  check(earlier.map(({ content }) => content));
  const version = (earlier.at(-1)?.version ?? 0) + 1;
  const { rows } = await tx.query<{ id: number }>(
    'INSERT INTO schemas (subject, version, fingerprint, content, registered_by) VALUES ($1, $2, $3, $4, $5) RETURNING id',
    [schema.subject, version, schema.fingerprint, canonicalJson(schema.content), schema.registeredBy],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('INSERT INTO schemas answered no row');
  return { id, version, replayed: false };
}
