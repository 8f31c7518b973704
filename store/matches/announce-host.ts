import type { EventContext } from '../../domain/events.ts';
import type { Db } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';
import type { Fenced } from './types.ts';

/** Tells players where their match is, once the host can take their sockets. False: another host has it by now. */
export function announceHost(
  db: Db,
  { matchId, hostId, fence }: Fenced,
  context: EventContext = {},
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ url: string; player_ids: string[] }>(
      `SELECT h.public_url AS url, ARRAY(SELECT player_id FROM seats WHERE match_id = m.id ORDER BY seat) AS player_ids
       FROM matches m JOIN match_hosts h ON h.id = m.host_id
       WHERE m.id = $1 AND m.host_id = $2 AND m.fence = $3 AND m.status = 'running' FOR SHARE OF m`,
      [matchId, hostId, fence],
    );
    const match = rows[0];
    if (match === undefined) return false;
    const data = { matchId, hostId, url: match.url, fence, playerIds: match.player_ids };
    await appendEvents(tx, [{ type: 'game.match.hosted.v1', key: matchId, data }], context);
    return true;
  });
}
