import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';

import type { Db } from '../../store/db.ts';
import { addSigningKey } from '../../store/signing-keys/add-signing-key.ts';
import { readSigningKeys } from '../../store/signing-keys/reads.ts';
import type { SigningKeyRow } from '../../store/signing-keys/reads.ts';
import { seal, unseal } from './vault.ts';

/** The only algorithm of our own tokens; what a token's header claims is never consulted. */
export const ownAlgorithm = 'EdDSA';

export type SigningKeys = {
  /** The key that signs now; made on first use. */
  current(): Promise<{ kid: string; key: CryptoKey }>;
  /** The public key of a `kid`, or undefined. */
  find(kid: string): Promise<CryptoKey | undefined>;
  publicKeys(): Promise<JWK[]>;
};

/** Another process may have made a key meanwhile; a forged `kid` must not become a query each time. */
const reloadPauseMs = 5_000;

export function createSigningKeys(options: {
  db: Db;
  readKey: () => Promise<Uint8Array>;
  nowMs: () => number;
}): SigningKeys {
  const publicByKid = new Map<string, { jwk: JWK; key: CryptoKey }>();
  let signer: Promise<{ kid: string; key: CryptoKey }> | undefined;
  let loadedAtMs = -Infinity;

  async function load(): Promise<SigningKeyRow[]> {
    const rows = await readSigningKeys(options.db);
    loadedAtMs = options.nowMs();
    publicByKid.clear();
    for (const row of rows)
      publicByKid.set(row.kid, { jwk: row.publicJwk, key: await importKey(row.publicJwk) });
    return rows;
  }

  async function openSigner() {
    const vaultKey = await options.readKey();
    for (const row of await load()) {
      const plain = unseal(vaultKey, row.sealedPrivateJwk);
      if (plain !== undefined) return { kid: row.kid, key: await importKey(JSON.parse(plain) as JWK) };
    }
    const kid = await makeKey(options.db, vaultKey);
    const made = (await load()).find((row) => row.kid === kid);
    const plain = made && unseal(vaultKey, made.sealedPrivateJwk);
    if (plain === undefined) throw new Error('the signing key just written cannot be read');
    return { kid, key: await importKey(JSON.parse(plain) as JWK) };
  }

  return {
    current() {
      signer ??= openSigner().catch((error: unknown) => {
        signer = undefined;
        throw error;
      });
      return signer;
    },
    async find(kid) {
      if (!publicByKid.has(kid) && options.nowMs() - loadedAtMs > reloadPauseMs) await load();
      return publicByKid.get(kid)?.key;
    },
    async publicKeys() {
      if (options.nowMs() - loadedAtMs > reloadPauseMs) await load();
      return [...publicByKid.values()].map(({ jwk }) => jwk);
    },
  };
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ownAlgorithm);
  if (key instanceof Uint8Array) throw new Error('a signing key is not symmetric');
  return key;
}

async function makeKey(db: Db, vaultKey: Uint8Array): Promise<string> {
  const kid = randomUUID();
  const pair = await generateKeyPair(ownAlgorithm, { crv: 'Ed25519', extractable: true });
  const publicJwk = { ...(await exportJWK(pair.publicKey)), kty: 'OKP', kid, alg: ownAlgorithm, use: 'sig' };
  const privateJwk = await exportJWK(pair.privateKey);
  await addSigningKey(db, {
    kid,
    algorithm: ownAlgorithm,
    publicJwk,
    sealedPrivateJwk: seal(vaultKey, JSON.stringify(privateJwk)),
  });
  return kid;
}
