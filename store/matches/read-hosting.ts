import type { Queryable } from '../db.ts';

/** Who runs a match and under which fence, as the database has it. `url` is null while that host's lease is not fresh. */
export type Hosting = {
  matchId: string;
  hostId: string | null;
  fence: number;
  running: boolean;
  url: string | null;
};

export async function readHosting(db: Queryable, matchIds: readonly string[]): Promise<Hosting[]> {
  if (matchIds.length === 0) return [];
  const { rows } = await db.query<Hosting>(
    `SELECT m.id AS "matchId", m.host_id AS "hostId", m.fence, m.status = 'running' AS running, h.public_url AS url
     FROM matches m LEFT JOIN match_hosts h
       ON h.id = m.host_id AND h.lease_until > clock_timestamp() AND NOT h.draining
     WHERE m.id = ANY($1::uuid[])`,
    [matchIds],
  );
  return rows;
}
