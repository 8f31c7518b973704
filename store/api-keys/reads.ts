import type { Db, Queryable } from '../db.ts';

export type ApiKeyRow = {
  id: string;
  clientId: string;
  prefix: string;
  scopes: string[];
  publishTopics: string[];
  readTopics: string[];
  publishPerSecond: number | null;
  /** as the database writes it, microseconds included: it is a position in the list */
  createdAt: string;
  revokedAt: Date | null;
};

const columns =
  'id, client_id AS "clientId", prefix, scopes, publish_topics AS "publishTopics", read_topics AS "readTopics", publish_per_second AS "publishPerSecond", created_at::text AS "createdAt", revoked_at AS "revokedAt"';

/** The key with this hash, unless it is revoked. */
export async function readApiKey(db: Pick<Db, 'query'>, hash: string): Promise<ApiKeyRow | undefined> {
  const { rows } = await db.query<ApiKeyRow>(
    `SELECT ${columns} FROM api_keys WHERE hash = $1 AND revoked_at IS NULL`,
    [hash],
  );
  return rows[0];
}

/** Which of these keys do not work any more. */
export async function revokedAmong(db: Queryable, keyIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'revoked_among',
    text: 'SELECT id FROM api_keys WHERE id = ANY ($1::uuid[]) AND revoked_at IS NOT NULL',
    values: [keyIds],
  });
  return rows.map(({ id }) => id);
}

/** Newest first; secrets are not kept, so none can be listed. `clientId` null: everybody's. */
export async function listApiKeys(
  db: Pick<Db, 'query'>,
  page: { clientId: string | null; after?: readonly string[]; limit: number },
): Promise<ApiKeyRow[]> {
  const [createdAt = null, id = null] = page.after ?? [];
  const { rows } = await db.query<ApiKeyRow>(
    `SELECT ${columns} FROM api_keys
     WHERE ($1::timestamptz IS NULL OR (created_at, id) < ($1::timestamptz, $2::uuid))
       AND ($4::text IS NULL OR client_id = $4)
     ORDER BY created_at DESC, id DESC LIMIT $3`,
    [createdAt, id, page.limit, page.clientId],
  );
  return rows;
}
