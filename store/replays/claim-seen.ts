import type { Tx } from '../db.ts';

/**
 * Claims events for a replay in the transaction of their effects, and answers the keys that are new to it. One that Kafka
 * holds twice, or that a killed worker had handled, is not among them.
 */
export async function claimSeen(
  tx: Tx,
  replayId: string,
  eventKeys: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ key: string }>({
    name: 'claim_replay_seen',
    text: `INSERT INTO replay_seen (replay_id, event_key) SELECT DISTINCT $1::uuid, k FROM unnest($2::uuid[]) AS k
      ON CONFLICT DO NOTHING RETURNING event_key AS key`,
    values: [replayId, eventKeys],
  });
  return new Set(rows.map(({ key }) => key));
}
