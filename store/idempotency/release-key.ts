import type { Db } from '../db.ts';

/** Frees a key whose request was refused: the caller may send it again, changed or not. */
export async function releaseKey(
  db: Pick<Db, 'query'>,
  claim: { scope: string; key: string; lease: string },
): Promise<void> {
  await db.query(
    'DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND status IS NULL AND lease_until = $3::timestamptz',
    [claim.scope, claim.key, claim.lease],
  );
}
