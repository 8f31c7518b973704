import type { Db } from '../db.ts';
import { ticketHash } from './issue-ticket.ts';

/** Uses a ticket up; null for one that is unknown, expired or used: the three look the same. */
export async function redeemTicket(
  db: Db,
  ticket: string,
): Promise<{ matchId: string; playerId: string } | null> {
  const { rows } = await db.query<{ match_id: string; player_id: string }>(
    `UPDATE tickets SET used_at = clock_timestamp()
     WHERE hash = $1 AND used_at IS NULL AND expires_at > clock_timestamp() RETURNING match_id, player_id`,
    [ticketHash(ticket)],
  );
  return rows[0] ? { matchId: rows[0].match_id, playerId: rows[0].player_id } : null;
}
