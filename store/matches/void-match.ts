import type { EventContext } from '../../domain/events.ts';
import type { Db } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { releaseAll } from './end-match.ts';
import { readEnd, settleIn } from './settle-match.ts';

/**
 * Ends a match that cannot be finished, whatever it got to: stamps back, weapons free, nobody paid, everyone told. One that
 * was played to its end is settled instead, though its host died before it could say so: what was won stays won.
 */
export function voidMatch(
  db: Db,
  matchId: string,
  reason: string,
  context: EventContext = {},
): Promise<{ voided: boolean }> {
  return db.transaction(async (tx) => {
    // Waits for a tick in flight: it may be the last.
    const locked = await tx.query<{ status: string }>('SELECT status FROM matches WHERE id = $1 FOR UPDATE', [
      matchId,
    ]);
    if (locked.rows[0]?.status === 'running' && (await readEnd(tx, matchId)) !== null) {
      await settleIn(tx, matchId, context);
      return { voided: false };
    }
    const { rows } = await tx.query<{ economy_version: number; player_ids: string[] }>(
      `UPDATE matches SET status = 'voided', ended_at = clock_timestamp()
       WHERE id = $1 AND status IN ('lobby', 'starting', 'running')
       RETURNING economy_version, ARRAY(SELECT player_id FROM seats WHERE match_id = $1 ORDER BY seat) AS player_ids`,
      [matchId],
    );
    const match = rows[0];
    if (match === undefined) return { voided: false };
    await releaseAll(tx, matchId, match.economy_version);
    const data = { matchId, reason, playerIds: match.player_ids };
    await appendEvents(tx, [{ type: 'game.match.voided.v1', key: matchId, data }], context);
    return { voided: true };
  });
}
