import { expiryOf } from './expiry.ts';
import { postBatch } from './post-journals.ts';
import type { Db } from '../db.ts';

/** What ended before that was looked at often enough; what is left of it expires. */
const lookBack = `interval '3 days'`;

/**
 * Voids holds whose trade or match has been over for `graceMs`, before they expire, and answers how many. A hold of an open
 * story is left alone; guarded by the hold itself, which is resolved once.
 */
export async function releaseHolds(
  db: Db,
  { graceMs, limit = 200, actor = 'system:sweep' }: { graceMs: number; limit?: number; actor?: string },
): Promise<number> {
  const { rows } = await db.query<{ id: bigint; key: string; index: number }>(
    `WITH over AS MATERIALIZED (
       SELECT 'trade:' || id || ':hold' AS key FROM trades
       WHERE ended_at > now() - ${lookBack} AND ended_at < now() - $1 * interval '1 millisecond' AND state IN ('completed', 'failed')
       UNION ALL
       SELECT 'seal:' || s.match_id || ':' || s.player_id || ':' || s.action_key || ':hold'
       FROM matches m JOIN sealed_actions s ON s.match_id = m.id
       WHERE m.ended_at > now() - ${lookBack} AND m.ended_at < now() - $1 * interval '1 millisecond'
         AND m.status IN ('finished', 'cancelled', 'voided')
     )
     SELECT t.id, j.key, t.index FROM over JOIN journals j ON j.key = over.key
     JOIN transfers t ON t.journal_id = j.id AND t.state = 'pending'
     WHERE NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.id)
     ORDER BY t.id LIMIT $2`,
    [graceMs, limit],
  );
  const answers = await postBatch(
    db,
    rows.map(({ id, key, index }) => ({
      journal: { ...expiryOf(id, { key, index }, actor), reason: 'its story is over' },
      context: {},
    })),
  );
  return answers.filter(({ result }) => result === 'ok').length;
}
