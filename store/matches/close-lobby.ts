import { SEATS_MIN } from '../../domain/arena/config.ts';
import type { Db } from '../db.ts';

export type ClosedLobby =
  | { result: 'starting'; playerIds: string[] }
  | { result: 'too_few'; playerIds: string[] };

/**
 * Lobby → starting: reservations that were never confirmed go, seats become 0…n−1 in the order of their confirmation,
 * and the economy version of now is fixed. Again, it answers the same. With fewer than two players nothing changes.
 */
export function closeLobby(db: Db, matchId: string): Promise<ClosedLobby> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ status: string }>(
      'SELECT status FROM matches WHERE id = $1 FOR UPDATE',
      [matchId],
    );
    const readPlayers = async () => {
      const seats = await tx.query<{ player_id: string }>(
        'SELECT player_id FROM seats WHERE match_id = $1 AND confirmed_at IS NOT NULL ORDER BY seat',
        [matchId],
      );
      return seats.rows.map(({ player_id }) => player_id);
    };
    const playerIds = await readPlayers();
    if (rows[0]?.status !== 'lobby') return { result: 'starting', playerIds };
    if (playerIds.length < SEATS_MIN) return { result: 'too_few', playerIds };

    await tx.query('DELETE FROM seats WHERE match_id = $1 AND confirmed_at IS NULL', [matchId]);
    // In two steps, by way of negative numbers: uniqueness is checked row by row.
    await tx.query(
      `UPDATE seats s SET seat = -1 - (n.seat - 1) FROM (
         SELECT player_id, row_number() OVER (ORDER BY seat) AS seat FROM seats WHERE match_id = $1) n
       WHERE s.match_id = $1 AND s.player_id = n.player_id`,
      [matchId],
    );
    await tx.query('UPDATE seats SET seat = -1 - seat WHERE match_id = $1', [matchId]);
    await tx.query(
      `UPDATE matches SET status = 'starting', reserved_count = $2, join_code = NULL,
         economy_version = coalesce((SELECT max(version) FROM economy_versions), economy_version) WHERE id = $1`,
      [matchId, playerIds.length],
    );
    return { result: 'starting', playerIds };
  });
}
