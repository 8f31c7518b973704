import type { Db } from '../db.ts';
import { refreshTtlMs } from './issue-refresh-token.ts';

export type Rotation =
  | { state: 'rotated'; playerId: string }
  | { state: 'reused'; playerId: string }
  | { state: 'invalid' };

/**
 * Trades a refresh token for the next of its family. A token used before has been copied by somebody: the whole family is
 * revoked, whichever of the two asks.
 */
export async function rotateRefreshToken(db: Db, hash: string, nextHash: string): Promise<Rotation> {
  return db.transaction(async (tx) => {
    const used = await tx.query<{ family_id: string; player_id: string }>(
      `UPDATE refresh_tokens t SET used_at = now() FROM players p
       WHERE t.hash = $1 AND t.used_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > now()
         AND p.id = t.player_id AND p.frozen_at IS NULL
       RETURNING t.family_id, t.player_id`,
      [hash],
    );
    const token = used.rows[0];
    if (token !== undefined) {
      await tx.query(
        "INSERT INTO refresh_tokens (hash, family_id, player_id, expires_at) VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')",
        [nextHash, token.family_id, token.player_id, refreshTtlMs],
      );
      return { state: 'rotated', playerId: token.player_id };
    }
    const revoked = await tx.query<{ player_id: string }>(
      `UPDATE refresh_tokens SET revoked_at = coalesce(revoked_at, now())
       WHERE family_id = (SELECT family_id FROM refresh_tokens WHERE hash = $1 AND used_at IS NOT NULL) RETURNING player_id`,
      [hash],
    );
    const victim = revoked.rows[0];
    return victim === undefined ? { state: 'invalid' } : { state: 'reused', playerId: victim.player_id };
  });
}
