import type { EventContext } from '../../domain/events.ts';
import type { Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

/** `context`: why, for the event that tells it. */
export type ScoreGain = { leaderboard: string; playerId: string; gain: bigint; context: EventContext };

/**
 * Adds to players' scores and tells the new ones, each once however much it gained. Rows are written in one order, so that
 * two matches of the same players cannot deadlock. The caller's inbox rows make sure that a match counts once.
 */
export async function addScores(tx: Tx, gains: readonly ScoreGain[]): Promise<void> {
  if (gains.length === 0) return;
  const { rows } = await tx.query<{ leaderboard: string; player_id: string; score: bigint }>(
    `INSERT INTO leaderboard_scores AS s (leaderboard, player_id, score)
     SELECT g.leaderboard, g.player_id, sum(g.gain)::bigint
     FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS g(leaderboard, player_id, gain)
     GROUP BY 1, 2 ORDER BY 1, 2
     ON CONFLICT (leaderboard, player_id) DO UPDATE SET score = s.score + excluded.score, updated_at = now()
     RETURNING leaderboard, player_id, score`,
    [
      gains.map(({ leaderboard }) => leaderboard),
      gains.map(({ playerId }) => playerId),
      gains.map(({ gain }) => gain),
    ],
  );
  const nameOf = (leaderboard: string, playerId: string) => `${playerId.toLowerCase()} ${leaderboard}`;
  const lastContext = new Map(
    gains.map(({ leaderboard, playerId, context }) => [nameOf(leaderboard, playerId), context]),
  );
  await appendEvents(
    tx,
    rows.map(({ leaderboard, player_id: playerId, score }) => ({
      type: 'leaderboard.score.changed.v1' as const,
      key: playerId,
      data: { leaderboard, playerId, score: score.toString() },
    })),
    rows.map((row) => lastContext.get(nameOf(row.leaderboard, row.player_id)) ?? {}),
  );
}
