import { randomInt } from 'node:crypto';
import { SEATS_MAX } from '../../domain/arena/config.ts';
import type { MatchConfig } from '../../domain/arena/types.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Db, Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';
import type { MatchStatus } from './types.ts';

export type ReserveSeat = {
  /** Derived from the request: becomes the id of a match that has to be opened, and finds the seat of a late retry. */
  reservationId: string;
  playerId: string;
  mode: string;
  region: string;
  /** Durations of a match that has to be opened, lobby included. */
  config: MatchConfig;
  /** `true` opens a lobby that only its code finds; the code of one joins that lobby. */
  private?: boolean;
  joinCode?: string;
  context?: EventContext;
};

export type Reservation =
  | { result: 'reserved'; matchId: string; opened: boolean; joinCode: string | null }
  | { result: 'in_match'; matchId: string; status: MatchStatus }
  | { result: 'not_found' | 'lobby_full' | 'lobby_closed' };

/**
 * Keeps one of six places in an open lobby of that mode and region, else opens a new one. A player in an open match gets
 * that match (a reservation in a lobby is answered `reserved` again, so that its join can be sent again).
 *
 * `not_found`, `lobby_full`, `lobby_closed` are answered only for a join code.
 */
export async function reserveSeat(db: Db, request: ReserveSeat): Promise<Reservation> {
  const known = await findOpenSeat(db, request);
  if (known !== undefined) return known;
  try {
    return await db.transaction((tx) => reserve(tx, request));
  } catch (error) {
    if (!(error instanceof AlreadySeated)) throw error;
    const seat = await findOpenSeat(db, request);
    if (seat === undefined) throw new Error('a seat was in the way and is gone', { cause: error });
    return seat;
  }
}

class AlreadySeated extends Error {}

async function findOpenSeat(db: Db, request: ReserveSeat): Promise<Reservation | undefined> {
  const { rows } = await db.query<{ id: string; status: MatchStatus; join_code: string | null }>(
    `SELECT m.id, m.status, m.join_code FROM seats s JOIN matches m ON m.id = s.match_id
     WHERE s.reservation_id = $1 OR s.active_player_id = $2
     ORDER BY s.active_player_id NULLS LAST LIMIT 1`,
    [request.reservationId, request.playerId],
  );
  const seat = rows[0];
  if (seat === undefined) return undefined;
  if (seat.status !== 'lobby') return { result: 'in_match', matchId: seat.id, status: seat.status };
  return { result: 'reserved', matchId: seat.id, opened: false, joinCode: seat.join_code };
}

async function reserve(tx: Tx, request: ReserveSeat): Promise<Reservation> {
  const lobby =
    request.joinCode === undefined
      ? await takePlace(tx, request)
      : await takePlaceByCode(tx, request.joinCode);
  if ('result' in lobby) return lobby;
  const { rowCount } = await tx.query(
    `INSERT INTO seats (match_id, player_id, active_player_id, reservation_id) VALUES ($1, $2, $2, $3)
     ON CONFLICT DO NOTHING`,
    [lobby.matchId, request.playerId, request.reservationId],
  );
  // The player's other request was faster; rolling back gives the place free.
  if (rowCount === 0) throw new AlreadySeated();
  return { result: 'reserved', ...lobby };
}

type Place = { matchId: string; opened: boolean; joinCode: string | null };

/**
 * Joins at once must fill one lobby, not open one each, so whoever finds no free lobby queues behind the others of that
 * mode and region, looks again without skipping, and only then opens one. The common case never queues.
 */
async function takePlace(tx: Tx, request: ReserveSeat): Promise<Place> {
  if (request.private === true) return openLobby(tx, request, newJoinCode());
  const free = await takeFreePlace(tx, request, 'SKIP LOCKED');
  if (free !== undefined) return free;
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('lobby/' || $1 || '/' || $2, 0))`, [
    request.mode,
    request.region,
  ]);
  return (await takeFreePlace(tx, request, '')) ?? openLobby(tx, request, null);
}

async function takeFreePlace(
  tx: Tx,
  request: ReserveSeat,
  onLocked: 'SKIP LOCKED' | '',
): Promise<Place | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `UPDATE matches SET reserved_count = reserved_count + 1 WHERE id = (
       SELECT id FROM matches
       WHERE status = 'lobby' AND mode = $1 AND region = $2 AND join_code IS NULL AND reserved_count < $3
         AND lobby_ends_at > clock_timestamp()
       ORDER BY created_at, id LIMIT 1 FOR UPDATE ${onLocked})
     RETURNING id`,
    [request.mode, request.region, SEATS_MAX],
  );
  return rows[0] && { matchId: rows[0].id, opened: false, joinCode: null };
}

async function takePlaceByCode(tx: Tx, joinCode: string): Promise<Place | Reservation> {
  const { rows } = await tx.query<{ id: string; status: MatchStatus; reserved_count: number }>(
    'SELECT id, status, reserved_count FROM matches WHERE join_code = $1 FOR UPDATE',
    [joinCode.toUpperCase()],
  );
  const lobby = rows[0];
  if (lobby === undefined) return { result: 'not_found' };
  if (lobby.status !== 'lobby') return { result: 'lobby_closed' };
  if (lobby.reserved_count >= SEATS_MAX) return { result: 'lobby_full' };
  await tx.query('UPDATE matches SET reserved_count = reserved_count + 1 WHERE id = $1', [lobby.id]);
  return { matchId: lobby.id, opened: false, joinCode };
}

async function openLobby(tx: Tx, request: ReserveSeat, joinCode: string | null): Promise<Place> {
  const { reservationId: matchId, mode, region, config } = request;
  await tx.query(
    `INSERT INTO matches (id, mode, region, join_code, config, lobby_ends_at, economy_version, reserved_count)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 ms',
       coalesce((SELECT max(version) FROM economy_versions), 0), 1)`,
    [matchId, mode, region, joinCode, JSON.stringify(config), config.lobbyMs],
  );
  await appendEvents(
    tx,
    [{ type: 'game.match.opened.v1', key: matchId, data: { matchId, mode, region } }],
    request.context,
  );
  return { matchId, opened: true, joinCode };
}

/** Without letters and digits that look alike; a code lives as long as its lobby. */
const codeAlphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const newJoinCode = () =>
  Array.from({ length: 8 }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join('');
