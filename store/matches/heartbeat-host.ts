import type { Db } from '../db.ts';

/** What the database says about the matches a host believes it runs. */
export type HeldMatch = { matchId: string; hostId: string | null; fence: number; running: boolean };

/**
 * Renews the lease by the database's clock and rereads the given matches, so that a host that lost one while nothing
 * was happening in it learns so.
 */
export async function heartbeatHost(
  db: Db,
  hostId: string,
  leaseMs: number,
  matchIds: readonly string[],
): Promise<HeldMatch[]> {
  await db.query(
    `UPDATE match_hosts SET lease_until = clock_timestamp() + $2 * interval '1 ms' WHERE id = $1`,
    [hostId, leaseMs],
  );
  if (matchIds.length === 0) return [];
  const { rows } = await db.query<{ id: string; host_id: string | null; fence: number; status: string }>(
    'SELECT id, host_id, fence, status FROM matches WHERE id = ANY($1::uuid[])',
    [matchIds],
  );
  return rows.map((row) => ({
    matchId: row.id,
    hostId: row.host_id,
    fence: row.fence,
    running: row.status === 'running',
  }));
}
