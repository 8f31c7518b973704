import type { Queryable } from '../db.ts';

export async function isHandled(db: Queryable, group: string, source: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'SELECT 1 FROM inbox WHERE consumer_group = $1 AND source = $2 AND id = $3',
    [group, source, id],
  );
  return rowCount === 1;
}

/** Whether a client that sends to an inbound topic holds a key of ours. */
export async function isKnownClient(db: Queryable, clientId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'is_known_client',
    text: 'SELECT 1 FROM api_keys WHERE client_id = $1 AND revoked_at IS NULL LIMIT 1',
    values: [clientId],
  });
  return rowCount === 1;
}
