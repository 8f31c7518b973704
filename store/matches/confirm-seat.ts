import type { EventContext } from '../../domain/events.ts';
import type { Db } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

export type Confirmation = { confirmed: true; seat: number } | { confirmed: false };

/**
 * Turns a reservation into a seat, numbered by the order of confirmations; again for the same player is the same seat.
 * Not confirmed when there is no reservation (any more) or the lobby has closed.
 */
export function confirmSeat(
  db: Db,
  matchId: string,
  playerId: string,
  context: EventContext = {},
): Promise<Confirmation> {
  return db.transaction(async (tx) => {
    // Serialises confirmations, so that numbers are given out one after another.
    const { rowCount } = await tx.query(
      `SELECT 1 FROM matches WHERE id = $1 AND status = 'lobby' FOR UPDATE`,
      [matchId],
    );
    if (rowCount === 0) return { confirmed: false };
    const { rows } = await tx.query<{ seat: number; fresh: boolean }>(
      `UPDATE seats s SET confirmed_at = coalesce(confirmed_at, clock_timestamp()), seat = coalesce(seat,
         (SELECT coalesce(max(o.seat) + 1, 0) FROM seats o WHERE o.match_id = $1))
       FROM (SELECT confirmed_at IS NULL AS fresh FROM seats WHERE match_id = $1 AND player_id = $2) before
       WHERE s.match_id = $1 AND s.player_id = $2 AND s.active_player_id IS NOT NULL
       RETURNING s.seat, before.fresh`,
      [matchId, playerId],
    );
    const seat = rows[0];
    if (seat === undefined) return { confirmed: false };
    if (seat.fresh) {
      await appendEvents(
        tx,
        [{ type: 'game.player.joined.v1', key: playerId, data: { playerId, matchId } }],
        context,
      );
    }
    return { confirmed: true, seat: seat.seat };
  });
}
