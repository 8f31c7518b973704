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

type PublicKey = { jwk: JWK; key: CryptoKey };

/** Another process may have made a key meanwhile; a forged `kid` must not become a query each time. */
const reloadPauseMs = 5_000;

export function createSigningKeys(options: {
  db: Db;
  readKey: () => Promise<Uint8Array>;
  nowMs: () => number;
}): SigningKeys {
  let publicByKid: ReadonlyMap<string, PublicKey> = new Map();
  let reloading: Promise<unknown> | undefined;
  let signer: Promise<{ kid: string; key: CryptoKey }> | undefined;
  let loadedAtMs = -Infinity;

  /** Until the new keys are all there, the old ones count. */
  async function load(): Promise<SigningKeyRow[]> {
    const rows = await readSigningKeys(options.db);
    const loaded = new Map<string, PublicKey>();
    for (const row of rows) loaded.set(row.kid, { jwk: row.publicJwk, key: await importKey(row.publicJwk) });
    publicByKid = loaded;
    loadedAtMs = options.nowMs();
    return rows;
  }

  /** Requests that come during a load wait for that one. */
  async function refresh(): Promise<void> {
    if (options.nowMs() - loadedAtMs <= reloadPauseMs) return;
    reloading ??= load().finally(() => void (reloading = undefined));
    await reloading;
  }

  async function openSigner() {
    const vaultKey = await options.readKey();
    for (const row of await load()) {
      const plain = unseal(vaultKey, row.sealedPrivateJwk);
      if (plain !== undefined) return { kid: row.kid, key: await importKey(JSON.parse(plain) as JWK) };
    }
    const kid = await makeKey(options.db, vaultKey);
    // a load that read before the key was there must not come last
    await reloading?.catch(() => {});
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
      if (!publicByKid.has(kid)) await refresh();
      return publicByKid.get(kid)?.key;
    },
    async publicKeys() {
      await refresh();
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
