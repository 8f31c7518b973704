import { randomUUID } from 'node:crypto';
import { LootError } from '../../domain/errors.ts';
import type { Queryable } from '../db.ts';

export const refreshTtlMs = 30 * 86_400_000;

/** Starts a family of refresh tokens: one login on one device. Throws `player_frozen`. */
export async function issueRefreshToken(db: Queryable, playerId: string, hash: string): Promise<void> {
  const { rowCount } = await db.query(
    `INSERT INTO refresh_tokens (hash, family_id, player_id, expires_at)
     SELECT $1, $2, id, now() + $4 * interval '1 millisecond' FROM players WHERE id = $3 AND frozen_at IS NULL`,
    [hash, randomUUID(), playerId, refreshTtlMs],
  );
  if (rowCount === 0) throw new LootError('player_frozen', 'This player may not log in.');
}
