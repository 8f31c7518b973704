import type { EventContext } from '../../domain/events.ts';
import type { Db } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

/** A lobby that did not come about: seats are free, players are told. Nothing happens to a match that has gone further. */
export function cancelMatch(
  db: Db,
  matchId: string,
  reason: string,
  context: EventContext = {},
): Promise<{ cancelled: boolean }> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE matches SET status = 'cancelled', ended_at = clock_timestamp(), join_code = NULL
       WHERE id = $1 AND status = 'lobby'`,
      [matchId],
    );
    if (rowCount === 0) return { cancelled: false };
    const { rows } = await tx.query<{ player_id: string }>(
      'UPDATE seats SET active_player_id = NULL WHERE match_id = $1 RETURNING player_id',
      [matchId],
    );
    const playerIds = rows.map(({ player_id }) => player_id).toSorted();
    await appendEvents(
      tx,
      [{ type: 'game.match.cancelled.v1', key: matchId, data: { matchId, reason, playerIds } }],
      context,
    );
    return { cancelled: true };
  });
}
