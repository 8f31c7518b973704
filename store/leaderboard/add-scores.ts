import type { EventContext } from '../../domain/events.ts';
import type { Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

export type ScoreGain = { playerId: string; gain: bigint };

/**
 * Adds to players' scores and tells the new ones. Rows are written in player order, so that two matches of the same
 * players cannot deadlock. The caller's inbox row makes sure that a match counts once.
 */
export async function addScores(
  tx: Tx,
  leaderboard: string,
  gains: readonly ScoreGain[],
  context: EventContext,
): Promise<void> {
  const { rows } = await tx.query<{ player_id: string; score: bigint }>(
    `INSERT INTO leaderboard_scores AS s (leaderboard, player_id, score)
     SELECT $1, g.player_id, g.gain FROM unnest($2::uuid[], $3::bigint[]) AS g(player_id, gain) ORDER BY g.player_id
     ON CONFLICT (leaderboard, player_id) DO UPDATE SET score = s.score + excluded.score, updated_at = now()
     RETURNING player_id, score`,
    [leaderboard, gains.map(({ playerId }) => playerId), gains.map(({ gain }) => gain)],
  );
  const events = rows.map(({ player_id: playerId, score }) => ({
    type: 'leaderboard.score.changed.v1' as const,
    key: playerId,
    data: { leaderboard, playerId, score: score.toString() },
  }));
  await appendEvents(tx, events, context);
}
