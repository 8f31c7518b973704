import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '../db.ts';

/**
 * Get-or-create: asked twice, the match keeps its first seed. Only the hash is answered, because what an activity answers
 * stands in a history that can be read while the match runs.
 */
export async function drawSeed(db: Db, matchId: string): Promise<{ seedHash: string }> {
  const seed = randomBytes(32);
  const { rows } = await db.query<{ seed_hash: string }>(
    `UPDATE matches SET seed = coalesce(seed, $2), seed_hash = coalesce(seed_hash, $3) WHERE id = $1 RETURNING seed_hash`,
    [matchId, seed, createHash('sha256').update(seed).digest('hex')],
  );
  const match = rows[0];
  if (match === undefined) throw new Error(`there is no match ${matchId}`);
  return { seedHash: match.seed_hash };
}
