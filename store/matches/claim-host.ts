import type { Db, Tx } from '../db.ts';

export type ClaimHost = {
  matchId: string;
  /** The host that answered the call for one. */
  candidateId: string;
  /** Hosts lost so far, for the record. */
  lossCount: number;
};

/** `runningCount`: matches on all hosts, which decides how often they may report. */
export type HostClaim =
  | { result: 'claimed'; hostId: string; fence: number; url: string; moved: boolean; runningCount: number }
  | { result: 'no_room' | 'not_running' };

/**
 * Draws the next fence, after which nobody with an older one can write a tick or take a stamp: the row's lock waits for
 * commits in flight, and theirs for it. The host that already runs the match keeps it while its lease is fresh, so that an
 * outage of Temporal evicts nobody; otherwise the candidate gets it, if it has room.
 */
export function claimHost(db: Db, { matchId, candidateId, lossCount }: ClaimHost): Promise<HostClaim> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ status: string; host_id: string | null }>(
      'SELECT status, host_id FROM matches WHERE id = $1 FOR UPDATE',
      [matchId],
    );
    const match = rows[0];
    if (match?.status !== 'running') return { result: 'not_running' };

    const host = (await freshHost(tx, match.host_id)) ?? (await hostWithRoom(tx, candidateId, matchId));
    if (host === undefined) return { result: 'no_room' };

    const { rows: claimed } = await tx.query<{ fence: number; running: bigint }>(
      `UPDATE matches SET fence = fence + 1, host_id = $2, loss_count = $3 WHERE id = $1
       RETURNING fence, (SELECT count(*) FROM matches WHERE status = 'running') AS running`,
      [matchId, host.id, lossCount],
    );
    const { fence, running } = claimed[0] ?? { fence: 0, running: 0n };
    const moved = match.host_id !== null && match.host_id !== host.id;
    return {
      result: 'claimed',
      hostId: host.id,
      fence,
      url: host.public_url,
      moved,
      runningCount: Number(running),
    };
  });
}

type HostRow = { id: string; public_url: string };
const fresh = 'lease_until > clock_timestamp() AND NOT draining';

async function freshHost(tx: Tx, hostId: string | null): Promise<HostRow | undefined> {
  if (hostId === null) return undefined;
  const { rows } = await tx.query<HostRow>(
    `SELECT id, public_url FROM match_hosts WHERE id = $1 AND ${fresh}`,
    [hostId],
  );
  return rows[0];
}

/** Locked, so that claims at once cannot both take its last slot. */
async function hostWithRoom(tx: Tx, hostId: string, matchId: string): Promise<HostRow | undefined> {
  const { rows } = await tx.query<HostRow & { capacity: number }>(
    `SELECT id, public_url, capacity FROM match_hosts WHERE id = $1 AND ${fresh} FOR UPDATE`,
    [hostId],
  );
  const host = rows[0];
  if (host === undefined) return undefined;
  const { rows: taken } = await tx.query<{ count: bigint }>(
    `SELECT count(*) FROM matches WHERE host_id = $1 AND status = 'running' AND id <> $2`,
    [hostId, matchId],
  );
  return Number(taken[0]?.count ?? 0n) < host.capacity ? host : undefined;
}
