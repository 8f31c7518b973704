import { createHash } from 'node:crypto';
import type { Db } from '../../store/db.ts';
import { readApiKey } from '../../store/api-keys/reads.ts';
import { resolveIdentity } from '../../store/players/resolve-identity.ts';
import type { Principal } from './policy.ts';
import { unauthenticated } from './policy.ts';
import type { TokenService } from './tokens.ts';

/** Finds out who sent a request; throws `unauthenticated` for a credential that is not valid. */
export type Authenticator = {
  principalOf(credential: string | undefined): Promise<Principal | undefined>;
  /** A revoked key stops at once in this process, in the others within `keyCacheMs`. */
  forgetKeys(): void;
};

export const keyForm = /^(test|live)_[a-z]{2}_[0-9A-Za-z]{20,80}$/;
const keyCacheMs = 2_000;
const keyCacheCountMax = 1_000;

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export function createAuthenticator(options: {
  db: Db;
  tokens: TokenService;
  keyPrefix: string;
  nowMs: () => number;
}): Authenticator {
  const keys = new Map<string, { principal: Principal; untilMs: number }>();

  async function clientOf(key: string): Promise<Principal> {
    const hash = hashSecret(key);
    const cached = keys.get(hash);
    if (cached && cached.untilMs > options.nowMs()) return cached.principal;
    const row = key.startsWith(options.keyPrefix) ? await readApiKey(options.db, hash) : undefined;
    if (row === undefined) throw unauthenticated();
    const principal: Principal = {
      type: 'client',
      clientId: row.clientId,
      keyId: row.id,
      scopes: new Set(row.scopes),
      topics: { publish: row.publishTopics, read: row.readTopics },
      publishPerSecond: row.publishPerSecond,
    };
    if (keys.size >= keyCacheCountMax) keys.clear();
    keys.set(hash, { principal, untilMs: options.nowMs() + keyCacheMs });
    return principal;
  }

  async function playerOf(token: string): Promise<Principal> {
    const subject = await options.tokens.verify(token);
    if (subject === undefined) throw unauthenticated();
    if (subject.type === 'own') return { type: 'player', playerId: subject.playerId };
    const { playerId } = await resolveIdentity(options.db, subject.issuer, subject.subject);
    return { type: 'player', playerId };
  }

  return {
    async principalOf(credential) {
      if (credential === undefined) return undefined;
      return keyForm.test(credential) ? clientOf(credential) : playerOf(credential);
    },
    forgetKeys: () => keys.clear(),
  };
}

/** The bearer credential of a request, or undefined without one. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const match = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096})$/i.exec(authorization.trim());
  if (!match?.[1]) throw unauthenticated();
  return match[1];
}
