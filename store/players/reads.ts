import type { Queryable } from '../db.ts';
import { usernameKey } from './register-player.ts';

export type PlayerView = { playerId: string; username: string | null; frozen: boolean; createdAt: Date };

export async function readPlayer(db: Queryable, playerId: string): Promise<PlayerView | undefined> {
  const { rows } = await db.query<PlayerView>({
    name: 'read_player',
    text: `SELECT p.id AS "playerId", f.username, p.frozen_at IS NOT NULL AS frozen, p.created_at AS "createdAt"
     FROM players p LEFT JOIN player_profiles f ON f.player_id = p.id WHERE p.id = $1`,
    values: [playerId],
  });
  return rows[0];
}

/** Who would log in under this name, with the hash to compare against. */
export async function readPasswordHolder(
  db: Queryable,
  username: string,
): Promise<{ playerId: string; hash: string } | undefined> {
  const { rows } = await db.query<{ playerId: string; hash: string }>(
    `SELECT f.player_id AS "playerId", c.hash FROM player_profiles f
     JOIN credentials c ON c.player_id = f.player_id AND c.kind = 'password' WHERE f.username_key = $1`,
    [usernameKey(username)],
  );
  return rows[0];
}
