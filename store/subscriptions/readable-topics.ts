import { matchesPattern } from '../../domain/event-filter.ts';
import type { Tx } from '../db.ts';

/** What any of the client's keys may read. */
export async function readableTopics(tx: Pick<Tx, 'query'>, clientId: string): Promise<string[]> {
  const { rows } = await tx.query<{ pattern: string }>(
    `SELECT DISTINCT unnest(read_topics) AS pattern FROM api_keys WHERE client_id = $1 AND revoked_at IS NULL`,
    [clientId],
  );
  return rows.map(({ pattern }) => pattern);
}

export const noKeyReads = 'no API key of the client may read its topic any more';

/** Drops those of the events that no key of the client may read any more, and answers them. */
export async function dropUnreadable<Row extends { seq: bigint; topic: string | null }>(
  tx: Tx,
  { subscriptionId, clientId }: { subscriptionId: string; clientId: string },
  events: readonly Row[],
): Promise<Row[]> {
  if (events.every(({ topic }) => topic === null)) return [];
  const patterns = await readableTopics(tx, clientId);
  const refused = events.filter(
    ({ topic }) => topic !== null && !patterns.some((pattern) => matchesPattern(pattern, topic)),
  );
  if (refused.length > 0)
    await tx.query(
      `UPDATE subscription_events SET state = 'dropped', error = $3,
         event = NULL, record_key = NULL, record_value = NULL, record_headers = NULL
       WHERE subscription_id = $1 AND seq = ANY($2::bigint[])`,
      [subscriptionId, refused.map(({ seq }) => seq), noKeyReads],
    );
  return refused;
}
