import type { Tx } from '../db.ts';

/** Answers whether there is such a key; revoking twice is the same as once. */
export async function revokeApiKey(tx: Pick<Tx, 'query'>, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1',
    [id],
  );
  return rowCount === 1;
}
