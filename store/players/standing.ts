import { LootError } from '../../domain/errors.ts';
import type { Queryable } from '../db.ts';

/** What a player may do: all, only read, or nothing because nobody is there any more. */
export type Standing = 'active' | 'frozen' | 'erased';

const standingOf = `CASE WHEN erased_at IS NOT NULL THEN 'erased' WHEN frozen_at IS NOT NULL THEN 'frozen' ELSE 'active' END`;

export async function readStanding(db: Queryable, playerId: string): Promise<Standing | undefined> {
  const { rows } = await db.query<{ standing: Standing }>({
    name: 'read_standing',
    text: `SELECT ${standingOf} AS standing FROM players WHERE id = $1`,
    values: [playerId],
  });
  return rows[0]?.standing;
}

/**
 * For what takes from a player on a game server's word. What happened before under the same journal key may be asked for
 * again. Throws `player_frozen`.
 */
export async function refuseFrozen(db: Queryable, playerId: string, journalKey: string): Promise<void> {
  const { rowCount } = await db.query({
    name: 'refuse_frozen',
    text: `SELECT FROM players WHERE id = $1 AND frozen_at IS NOT NULL AND NOT EXISTS (SELECT FROM journals WHERE key = $2)`,
    values: [playerId, journalKey],
  });
  if (rowCount !== 0)
    throw new LootError('player_frozen', 'The player is frozen: what they have stays where it is.');
}

/**
 * For the last step between players. Their rows are locked against a freeze that comes at the same moment, which then
 * waits for this transaction or has this one see it. Throws `player_frozen`.
 */
export async function requireNoneFrozen(tx: Queryable, playerIds: readonly string[]): Promise<void> {
  const { rows } = await tx.query<{ frozen: boolean }>({
    name: 'require_none_frozen',
    text: 'SELECT frozen_at IS NOT NULL AS frozen FROM players WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE',
    values: [playerIds],
  });
  if (rows.some(({ frozen }) => frozen))
    throw new LootError('player_frozen', 'One of the players is frozen: what they have stays where it is.');
}
