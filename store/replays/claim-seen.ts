import pg from 'pg';
import type { Tx } from '../db.ts';

const uniqueViolation = '23505';

/**
 * Claims events for a replay in the transaction of their effects, and answers which keys are new to it; null: all of them,
 * each once. One that Kafka holds twice, or that a killed worker had handled, is not new. Keys are 32 hexadecimal digits.
 */
export async function claimSeen(
  tx: Tx,
  replayId: string,
  eventKeys: readonly string[],
): Promise<ReadonlySet<string> | null> {
  if (new Set(eventKeys).size === eventKeys.length && (await claimAllNew(tx, replayId, eventKeys)))
    return null;
  const { rows } = await tx.query<{ key: string }>(
    `INSERT INTO replay_seen (replay_id, event_key) SELECT DISTINCT $1::uuid, k FROM unnest($2::uuid[]) AS k
     ON CONFLICT DO NOTHING RETURNING replace(event_key::text, '-', '') AS key`,
    [replayId, eventKeys],
  );
  return new Set(rows.map(({ key }) => key));
}

/** That nothing is there twice is the rule, and not asking for each costs a third. False, and nothing is claimed, otherwise. */
async function claimAllNew(tx: Tx, replayId: string, eventKeys: readonly string[]): Promise<boolean> {
  await tx.query('SAVEPOINT claim');
  try {
    await tx.query({
      name: 'claim_replay_seen',
      text: 'INSERT INTO replay_seen (replay_id, event_key) SELECT $1::uuid, k FROM unnest($2::uuid[]) AS k',
      values: [replayId, eventKeys],
    });
    await tx.query('RELEASE claim');
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === uniqueViolation)) throw error;
    await tx.query('ROLLBACK TO claim');
    return false;
  }
}
