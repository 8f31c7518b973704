import type { Tx } from '../db.ts';

export type NewApiKey = {
  id: string;
  clientId: string;
  hash: string;
  prefix: string;
  scopes: readonly string[];
};

/** Answers false when this id is there already: the same request came twice. */
export async function createApiKey(tx: Pick<Tx, 'query'>, key: NewApiKey): Promise<boolean> {
  const { rowCount } = await tx.query(
    'INSERT INTO api_keys (id, client_id, hash, prefix, scopes) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING',
    [key.id, key.clientId, key.hash, key.prefix, key.scopes],
  );
  return rowCount === 1;
}
