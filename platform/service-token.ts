import { SignJWT, jwtVerify } from 'jose';

/** A short-lived proof that a call comes from one of our own processes; `audience` names the door it opens. */
const issuer = 'lootledger';
const lifetimeSeconds = 30;

const keyOf = (secret: string) => new TextEncoder().encode(secret);

export const signServiceToken = (secret: string, audience: string): Promise<string> =>
  new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'service+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${lifetimeSeconds} s`)
    .sign(keyOf(secret));

/** False for a token that is missing, forged, expired or meant for another door. */
export async function isServiceToken(
  secret: string,
  audience: string,
  token: string | undefined,
): Promise<boolean> {
  if (token === undefined) return false;
  const options = { issuer, audience, algorithms: ['HS256'], typ: 'service+jwt', requiredClaims: ['exp'] };
  return jwtVerify(token, keyOf(secret), options).then(
    () => true,
    () => false,
  );
}
