import type { Tx } from '../db.ts';

/**
 * Claims events for a replay in the transaction of their effects, and answers which keys are new to it; null: all of them,
 * each once. One that Kafka holds twice, or that a killed worker had handled, is not new. Keys are 32 hexadecimal digits.
 */
export async function claimSeen(
  tx: Tx,
  replayId: string,
  eventKeys: readonly string[],
): Promise<ReadonlySet<string> | null> {
  const { rows } = await tx.query<{ fresh: string[] | null }>({
    name: 'claim_replay_seen',
    // one row whatever was claimed: a million keys sent back would cost a second
    text: `WITH claimed AS (
        INSERT INTO replay_seen (replay_id, event_key) SELECT DISTINCT $1::uuid, k FROM unnest($2::uuid[]) AS k
        ON CONFLICT DO NOTHING RETURNING event_key)
      SELECT CASE WHEN count(*) < cardinality($2::uuid[])
        THEN coalesce(array_agg(replace(event_key::text, '-', '')), '{}') END AS fresh FROM claimed`,
    values: [replayId, eventKeys],
  });
  const fresh = rows[0]?.fresh ?? null;
  return fresh === null ? null : new Set(fresh);
}
