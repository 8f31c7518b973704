import { createHash, randomBytes } from 'node:crypto';
import { socketLimits } from '../../domain/arena/protocol.ts';
import type { Db } from '../db.ts';

export type IssuedTicket =
  | { result: 'issued'; ticket: string; url: string; expiresInMs: number }
  | { result: 'not_found' | 'match_not_hosted' | 'match_over' };

/**
 * A single-use right to open one socket on the match's present host. Only its hash is stored; it expires by the
 * database's clock. `not_found` also for a player without a seat: another's match looks like none.
 */
export async function issueTicket(db: Db, matchId: string, playerId: string): Promise<IssuedTicket> {
  const { rows } = await db.query<{ status: string; public_url: string | null }>(
    `SELECT m.status, h.public_url FROM matches m
     JOIN seats s ON s.match_id = m.id AND s.player_id = $2
     LEFT JOIN match_hosts h ON h.id = m.host_id AND h.lease_until > clock_timestamp() AND NOT h.draining
     WHERE m.id = $1 AND m.mode <> 'external'`,
    [matchId, playerId],
  );
  const match = rows[0];
  if (match === undefined) return { result: 'not_found' };
  if (['finished', 'cancelled', 'voided'].includes(match.status)) return { result: 'match_over' };
  if (match.status !== 'running' || match.public_url === null) return { result: 'match_not_hosted' };

  const ticket = randomBytes(32).toString('base64url');
  const expiresInMs = socketLimits.ticketLifetimeMs;
  await db.query(
    `INSERT INTO tickets (hash, match_id, player_id, expires_at) VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 ms')`,
    [ticketHash(ticket), matchId, playerId, expiresInMs],
  );
  return { result: 'issued', ticket, url: match.public_url, expiresInMs };
}

export const ticketHash = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');
