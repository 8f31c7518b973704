import type { Tx } from '../db.ts';

export type BoardGain = { leaderboard: string; playerId: string; gain: bigint };

/**
 * Adds to the scores of leaderboards that nobody follows live: nothing is told. A player's gains are one row's change,
 * and rows are written in one order.
 */
export async function foldScores(tx: Tx, gains: readonly BoardGain[]): Promise<void> {
  const sums = sumPerRow(gains);
  await tx.query({
    name: 'fold_scores',
    text: `INSERT INTO leaderboard_scores AS s (leaderboard, player_id, score)
     SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])
     ON CONFLICT (leaderboard, player_id) DO UPDATE SET score = s.score + excluded.score, updated_at = now()`,
    values: [
      sums.map(({ leaderboard }) => leaderboard),
      sums.map(({ playerId }) => playerId),
      sums.map(({ gain }) => gain.toString()),
    ],
  });
}

function sumPerRow(gains: readonly BoardGain[]): BoardGain[] {
  const boards = new Map<string, Map<string, bigint>>();
  for (const { leaderboard, playerId, gain } of gains) {
    const sums = boards.get(leaderboard) ?? new Map<string, bigint>();
    boards.set(leaderboard, sums.set(playerId, (sums.get(playerId) ?? 0n) + gain));
  }
  return [...boards]
    .toSorted(byName)
    .flatMap(([leaderboard, sums]) =>
      [...sums].toSorted(byName).map(([playerId, gain]) => ({ leaderboard, playerId, gain })),
    );
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

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
