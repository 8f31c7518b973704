import type { Db } from '../db.ts';

/** Ends the login a refresh token belongs to; an unknown token ends nothing and is no error. */
export async function revokeFamily(db: Pick<Db, 'query'>, hash: string): Promise<void> {
  await db.query(
    `UPDATE refresh_tokens SET revoked_at = coalesce(revoked_at, now())
     WHERE family_id = (SELECT family_id FROM refresh_tokens WHERE hash = $1)`,
    [hash],
  );
}
