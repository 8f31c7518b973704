import type { Queryable } from '../db.ts';

/**
 * Which events of ours from an older epoch are unknown here: neither sent by this database, as far as it remembers, nor
 * waiting to be. Then what they tell was lost with the database's latest past and is no fact any more.
 */
export async function findLostEvents(on: Queryable, eventIds: readonly string[]): Promise<Set<string>> {
  if (eventIds.length === 0) return new Set();
  const { rows } = await on.query<{ id: string }>(
    `SELECT e.id FROM unnest($1::text[]) AS e(id)
     WHERE NOT EXISTS (SELECT 1 FROM event_log WHERE id = e.id::uuid) AND NOT EXISTS (SELECT 1 FROM outbox WHERE id = e.id::uuid)`,
    [eventIds],
  );
  return new Set(rows.map(({ id }) => id));
}
