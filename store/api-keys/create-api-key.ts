import type { Tx } from '../db.ts';

/** Topic names, `prefix.*` or `*`. */
export type TopicPermissions = { publish: readonly string[]; read: readonly string[] };

export type NewApiKey = {
  id: string;
  clientId: string;
  hash: string;
  prefix: string;
  scopes: readonly string[];
  /** Default: none. */
  topics?: TopicPermissions;
  /** Events per second; default: as every other key. */
  publishPerSecond?: number | undefined;
};

/** Answers false when this id is there already: the same request came twice. */
export async function createApiKey(tx: Pick<Tx, 'query'>, key: NewApiKey): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO api_keys (id, client_id, hash, prefix, scopes, publish_topics, read_topics, publish_per_second)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
    [
      key.id,
      key.clientId,
      key.hash,
      key.prefix,
      key.scopes,
      key.topics?.publish ?? [],
      key.topics?.read ?? [],
      key.publishPerSecond ?? null,
    ],
  );
  return rowCount === 1;
}
