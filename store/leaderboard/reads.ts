import type { Queryable } from '../db.ts';

export type LeaderboardRow = { rank: number; playerId: string; username: string | null; score: bigint };

/** The best of a leaderboard; equal scores share a rank, and the next one counts them. Empty for an unknown one. */
export async function readTop(db: Queryable, leaderboard: string, limit: number): Promise<LeaderboardRow[]> {
  const { rows } = await db.query<LeaderboardRow>({
    name: 'read_leaderboard_top',
    text: `
      SELECT (rank() OVER (ORDER BY s.score DESC))::int AS rank, s.player_id AS "playerId", p.username, s.score
      FROM (
        SELECT player_id, score FROM leaderboard_scores WHERE leaderboard = $1 ORDER BY score DESC, player_id LIMIT $2
      ) AS s
      LEFT JOIN player_profiles p ON p.player_id = s.player_id
      ORDER BY s.score DESC, s.player_id`,
    values: [leaderboard, limit],
  });
  return rows;
}
