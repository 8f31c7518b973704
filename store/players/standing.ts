import { LootError } from '../../domain/errors.ts';
import type { Queryable } from '../db.ts';
import { createMicroBatch } from '../micro-batch.ts';

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
  let ask = batches.get(db);
  if (!ask) {
    ask = createMicroBatch({ run: (asked: readonly Asked[]) => areRefused(db, asked) });
    batches.set(db, ask);
  }
  if (await ask({ playerId, journalKey }))
    throw new LootError('player_frozen', 'The player is frozen: what they have stays where it is.');
}

type Asked = { playerId: string; journalKey: string };
/** Callers of one moment share a statement. */
const batches = new WeakMap<Queryable, (asked: Asked) => Promise<boolean>>();

async function areRefused(db: Queryable, asked: readonly Asked[]): Promise<boolean[]> {
  const { rows } = await db.query<{ refused: boolean }>({
    // without a name, so planned anew each time: a plan kept from when there were no journals would read all of them
    text: `
      SELECT EXISTS (SELECT FROM players p WHERE p.id = a.id AND p.frozen_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM journals j WHERE j.key = a.key) AS refused
      FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS a(id, key, n) ORDER BY a.n`,
    values: [asked.map(({ playerId }) => playerId), asked.map(({ journalKey }) => journalKey)],
  });
  return rows.map(({ refused }) => refused);
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
