import type { Db } from '../db.ts';
import type { SigningKeyRow } from './reads.ts';

/** Two processes that start at once may both add one: tokens of either are valid, both are published. */
export async function addSigningKey(db: Pick<Db, 'query'>, key: SigningKeyRow): Promise<void> {
  await db.query(
    'INSERT INTO signing_keys (kid, algorithm, public_jwk, private_jwk) VALUES ($1, $2, $3, $4)',
    [key.kid, key.algorithm, key.publicJwk, key.sealedPrivateJwk],
  );
}
