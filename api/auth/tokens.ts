import { SignJWT, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { SigningKeys } from './signing-keys.ts';
import { ownAlgorithm } from './signing-keys.ts';

/** Who a valid token speaks for: one of our players, or somebody an outside issuer knows. */
export type TokenSubject =
  | { type: 'own'; playerId: string }
  | { type: 'outside'; issuer: string; subject: string };

export type TokenService = {
  issue(playerId: string): Promise<{ accessToken: string; expiresInMs: number }>;
  /** Undefined for whatever is not a token we accept, for whatever reason. */
  verify(token: string): Promise<TokenSubject | undefined>;
  publicKeys: SigningKeys['publicKeys'];
};

const ownType = 'at+jwt';
/** Asymmetric only: a public key must never be taken for a shared secret. */
const outsideAlgorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
const clockToleranceSeconds = 5;
const subjectLengthMax = 255;

export function createTokenService(options: {
  keys: SigningKeys;
  issuer: string;
  audience: string;
  ttlMs: number;
  outsideIssuers: readonly string[];
  nowMs: () => number;
}): TokenService {
  const outside = new Map(options.outsideIssuers.map((issuer) => [issuer, outsideKeys(issuer)]));
  const common = (nowMs: number) => ({
    audience: options.audience,
    clockTolerance: clockToleranceSeconds,
    currentDate: new Date(nowMs),
    requiredClaims: ['sub', 'exp'],
  });

  async function verifyOwn(token: string): Promise<TokenSubject | undefined> {
    const kid = claimedKeyId(token);
    const key = kid === undefined ? undefined : await options.keys.find(kid);
    if (key === undefined) return undefined;
    const accepted = {
      ...common(options.nowMs()),
      issuer: options.issuer,
      typ: ownType,
      algorithms: [ownAlgorithm],
    };
    const { payload } = await jwtVerify(token, key, accepted).catch(refuse);
    return payload?.sub === undefined ? undefined : { type: 'own', playerId: payload.sub };
  }

  async function verifyOutside(
    token: string,
    issuer: string,
    keys: JWTVerifyGetKey,
  ): Promise<TokenSubject | undefined> {
    const accepted = { ...common(options.nowMs()), issuer, algorithms: outsideAlgorithms };
    const { payload } = await jwtVerify(token, keys, accepted).catch(refuse);
    const subject = payload?.sub;
    if (subject === undefined || subject === '' || subject.length > subjectLengthMax) return undefined;
    return { type: 'outside', issuer, subject };
  }

  return {
    async issue(playerId) {
      const { kid, key } = await options.keys.current();
      const nowSeconds = Math.floor(options.nowMs() / 1_000);
      const accessToken = await new SignJWT()
        .setProtectedHeader({ alg: ownAlgorithm, kid, typ: ownType })
        .setIssuer(options.issuer)
        .setAudience(options.audience)
        .setSubject(playerId)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + Math.floor(options.ttlMs / 1_000))
        .sign(key);
      return { accessToken, expiresInMs: options.ttlMs };
    },
    async verify(token) {
      const issuer = claimedIssuer(token);
      if (issuer === options.issuer) return verifyOwn(token);
      const keys = issuer === undefined ? undefined : outside.get(issuer);
      return keys === undefined || issuer === undefined ? undefined : verifyOutside(token, issuer, keys);
    },
    publicKeys: () => options.keys.publicKeys(),
  };
}

/** jose names every flaw of a token with a code; anything else is ours or the network's. */
function refuse(error: unknown): { payload: JWTPayload | undefined } {
  if (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('ERR_J')
  )
    return { payload: undefined };
  throw error;
}

/** Chooses the verifier and proves nothing: the signature check repeats it. */
function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function claimedKeyId(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}

/** The keys of an OIDC issuer, found through its discovery document on first use and kept fresh by jose. */
function outsideKeys(issuer: string): JWTVerifyGetKey {
  let discovered: Promise<JWTVerifyGetKey> | undefined;
  const discover = async (): Promise<JWTVerifyGetKey> => {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000), redirect: 'error' });
    const document = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (document.issuer !== issuer || typeof document.jwks_uri !== 'string')
      throw new Error(`${url} does not describe ${issuer}`);
    return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: 3_000 });
  };
  return async (header, token) => {
    discovered ??= discover().catch((error: unknown) => {
      discovered = undefined;
      throw error;
    });
    return (await discovered)(header, token);
  };
}
