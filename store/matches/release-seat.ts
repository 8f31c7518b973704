import type { EventContext } from '../../domain/events.ts';
import type { Db } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

/** Leaves a lobby: the place is free again. Nothing to release (or no lobby any more) is `released: false`. */
export function releaseSeat(
  db: Db,
  matchId: string,
  playerId: string,
  context: EventContext = {},
): Promise<{ released: boolean }> {
  return db.transaction(async (tx) => {
    const { rowCount: isLobby } = await tx.query(
      `SELECT 1 FROM matches WHERE id = $1 AND status = 'lobby' FOR UPDATE`,
      [matchId],
    );
    if (isLobby === 0) return { released: false };
    const { rows } = await tx.query<{ confirmed: boolean }>(
      'DELETE FROM seats WHERE match_id = $1 AND player_id = $2 RETURNING confirmed_at IS NOT NULL AS confirmed',
      [matchId, playerId],
    );
    const seat = rows[0];
    if (seat === undefined) return { released: false };
    await tx.query('UPDATE matches SET reserved_count = reserved_count - 1 WHERE id = $1', [matchId]);
    if (seat.confirmed) {
      await appendEvents(
        tx,
        [{ type: 'game.player.left.v1', key: playerId, data: { playerId, matchId } }],
        context,
      );
    }
    return { released: true };
  });
}
