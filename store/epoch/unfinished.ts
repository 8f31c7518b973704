import type { Queryable } from '../db.ts';
import { tradeColumns } from '../trades/reads.ts';
import type { Trade } from '../trades/reads.ts';

/** What has a story that is not over, as far as the database knows. */
export type Unfinished = {
  rewards: { matchId: string; playerIds: string[] }[];
  trades: Trade[];
  matchIds: string[];
  clawbackIds: string[];
  imports: { importId: string; batch: string }[];
};

export async function readUnfinished(on: Queryable): Promise<Unfinished> {
  const rewards = await on.query<{ matchId: string; playerIds: string[] }>(
    `SELECT id AS "matchId", ARRAY(SELECT player_id::text FROM seats s WHERE s.match_id = m.id ORDER BY seat) AS "playerIds"
     FROM matches m WHERE status = 'finished' AND reward_status IS NULL ORDER BY ended_at`,
  );
  const trades = await on.query<Trade>(`SELECT ${tradeColumns} FROM trades WHERE ended_at IS NULL`);
  const matches = await on.query<{ id: string }>(
    "SELECT id FROM matches WHERE status IN ('lobby', 'starting', 'running')",
  );
  const clawbacks = await on.query<{ id: string }>('SELECT id FROM clawbacks WHERE ended_at IS NULL');
  const imports = await on.query<{ importId: string; batch: string }>(
    `SELECT id AS "importId", batch FROM imports WHERE status = 'posting'`,
  );
  return {
    rewards: rewards.rows,
    trades: trades.rows,
    matchIds: matches.rows.map(({ id }) => id),
    clawbackIds: clawbacks.rows.map(({ id }) => id),
    imports: imports.rows,
  };
}

export type StorySubject = 'matches' | 'trades' | 'clawbacks' | 'imports';

/** Which of these nothing is known of; an import that is not staged whole has no story yet. */
export async function unknownSubjects(
  on: Queryable,
  subject: StorySubject,
  ids: readonly string[],
): Promise<string[]> {
  const condition = subject === 'imports' ? "AND s.status <> 'staging'" : '';
  const { rows } = await on.query<{ id: string }>(
    `SELECT i.id FROM unnest($1::text[]) AS i(id)
     WHERE NOT EXISTS (SELECT 1 FROM ${subject} s WHERE s.id::text = i.id ${condition})`,
    [ids],
  );
  return rows.map(({ id }) => id);
}
