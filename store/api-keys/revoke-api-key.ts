import type { Tx } from '../db.ts';

/**
 * Revoking twice is the same as once: answers what it was before, undefined when there is no such key. `clientId` null:
 * whoever's it is.
 */
export async function revokeApiKey(
  tx: Pick<Tx, 'query'>,
  id: string,
  clientId: string | null,
): Promise<'valid' | 'revoked' | undefined> {
  const { rows } = await tx.query<{ wasRevoked: boolean }>(
    `SELECT revoked_at IS NOT NULL AS "wasRevoked" FROM api_keys
     WHERE id = $1 AND ($2::text IS NULL OR client_id = $2) FOR UPDATE`,
    [id, clientId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.wasRevoked) return 'revoked';
  await tx.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
  return 'valid';
}
