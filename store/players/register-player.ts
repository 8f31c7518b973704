import { randomUUID } from 'node:crypto';
import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Db } from '../db.ts';
import { createPlayer } from './create-player.ts';

/** A player with a name and a password, all in one transaction. Throws `username_taken`. */
export async function registerPlayer(
  db: Db,
  player: { username: string; passwordHash: string },
  context: EventContext = {},
): Promise<{ playerId: string }> {
  const playerId = randomUUID();
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      'INSERT INTO player_profiles (player_id, username, username_key) VALUES ($1, $2, $3) ON CONFLICT (username_key) DO NOTHING',
      [playerId, player.username, usernameKey(player.username)],
    );
    if (rowCount === 0) throw new LootError('username_taken', 'Choose another username.');
    await tx.query("INSERT INTO credentials (player_id, kind, hash) VALUES ($1, 'password', $2)", [
      playerId,
      player.passwordHash,
    ]);
    await createPlayer(tx, playerId, context);
    return { playerId };
  });
}

/** Names that differ only in case are one name. */
export const usernameKey = (username: string): string => username.normalize('NFKC').toLowerCase();
