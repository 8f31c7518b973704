import type { Queryable } from '../db.ts';

/**
 * Whether an event of ours from an older epoch is unknown here: neither sent by this database, as far as it remembers, nor
 * waiting to be. Then what it tells was lost with the database's latest past and is no fact any more.
 */
export async function isLostEvent(on: Queryable, eventId: string): Promise<boolean> {
  const { rows } = await on.query<{ lost: boolean }>(
    `SELECT NOT EXISTS (SELECT 1 FROM event_log WHERE id = $1) AND NOT EXISTS (SELECT 1 FROM outbox WHERE id = $1) AS lost`,
    [eventId],
  );
  return rows[0]?.lost ?? false;
}
