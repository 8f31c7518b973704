import type { Tx } from '../db.ts';

export type BoardGain = { leaderboard: string; playerId: string; gain: bigint };

/** Adds to the scores of leaderboards that nobody follows live: nothing is told. Rows are written in one order. */
export async function foldScores(tx: Tx, gains: readonly BoardGain[]): Promise<void> {
  await tx.query({
    name: 'fold_scores',
    text: `INSERT INTO leaderboard_scores AS s (leaderboard, player_id, score)
     SELECT g.leaderboard, g.player_id, sum(g.gain)::bigint
     FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS g(leaderboard, player_id, gain)
     GROUP BY 1, 2 ORDER BY 1, 2
     ON CONFLICT (leaderboard, player_id) DO UPDATE SET score = s.score + excluded.score, updated_at = now()`,
    values: [
      gains.map(({ leaderboard }) => leaderboard),
      gains.map(({ playerId }) => playerId),
      gains.map(({ gain }) => gain),
    ],
  });
}

/** Whether any leaderboard's name begins so. */
export async function hasScores(tx: Tx, prefix: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'SELECT 1 FROM leaderboard_scores WHERE starts_with(leaderboard, $1) LIMIT 1',
    [prefix],
  );
  return rowCount === 1;
}

export async function deleteScores(tx: Tx, prefix: string): Promise<void> {
  await tx.query('DELETE FROM leaderboard_scores WHERE starts_with(leaderboard, $1)', [prefix]);
}
