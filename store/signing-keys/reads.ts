import type { Db } from '../db.ts';

/** The private half is encrypted by the caller; the database never sees it plain. */
export type SigningKeyRow = {
  kid: string;
  algorithm: string;
  publicJwk: { kty: string; [member: string]: unknown };
  sealedPrivateJwk: { nonce: string; ciphertext: string; tag: string };
};

/** All keys that are not retired, newest first. */
export async function readSigningKeys(db: Pick<Db, 'query'>): Promise<SigningKeyRow[]> {
  const { rows } = await db.query<SigningKeyRow>(
    `SELECT kid, algorithm, public_jwk AS "publicJwk", private_jwk AS "sealedPrivateJwk"
     FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC, kid DESC`,
  );
  return rows;
}
