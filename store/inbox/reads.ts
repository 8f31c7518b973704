import type { Queryable } from '../db.ts';
import { topicMatches } from '../topic-patterns.ts';

export async function isHandled(db: Queryable, group: string, source: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'SELECT 1 FROM inbox WHERE consumer_group = $1 AND source = $2 AND id = $3',
    [group, source, id],
  );
  return rowCount === 1;
}

/**
 * Whether a client holds a key with which it could report to this inbound topic over HTTP, too: one that may publish to it,
 * or reports results.
 */
export async function mayReport(db: Queryable, clientId: string, topic: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'may_report',
    text: `SELECT 1 FROM api_keys WHERE client_id = $1 AND revoked_at IS NULL
      AND (($2 = 'game.result' AND 'results:write' = ANY(scopes)) OR ${topicMatches('$2', 'publish_topics')}) LIMIT 1`,
    values: [clientId, topic],
  });
  return rowCount === 1;
}
