import { randomBytes } from 'node:crypto';
import type { JsonValue } from '../../../domain/canonical-json.ts';
import type { EventContext } from '../../../domain/events.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import type { Tx } from '../../../store/db.ts';
import { enterGuest } from '../../../store/players/enter-guest.ts';
import { readPasswordHolder } from '../../../store/players/reads.ts';
import { registerPlayer } from '../../../store/players/register-player.ts';
import { issueRefreshToken } from '../../../store/tokens/issue-refresh-token.ts';
import { revokeFamily } from '../../../store/tokens/revoke-family.ts';
import { rotateRefreshToken } from '../../../store/tokens/rotate-refresh-token.ts';
import { hashSecret } from '../../auth/authenticate.ts';
import { hashPassword, passwordMatches } from '../../auth/password.ts';
import { none, unauthenticated } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Reply } from '../../http.ts';
import { Guest, Jwks, Login, Refresh, Register, Session } from './schema.ts';

const common = { tag: 'auth', method: 'post', auth: none, mutation: 'unkeyed', limit: 'auth' } as const;
const newRefreshToken = (): string => `rt_${randomBytes(32).toString('base64url')}`;

type Entry = { playerId: string; method: string; eventContext: EventContext; requestId: string };

/** A login is in the audit trail: who came in as whom is the first question after a theft. */
async function openSession({ db, tokens }: Services, status: number, entry: Entry): Promise<Reply> {
  const refreshToken = newRefreshToken();
  await db.transaction(async (tx) => {
    await issueRefreshToken(tx, entry.playerId, hashSecret(refreshToken));
    await audit(tx, 'player.logged-in', entry, { method: entry.method });
  });
  return session(tokens, status, entry.playerId, refreshToken);
}

const audit = (
  tx: Tx,
  action: string,
  { playerId, eventContext, requestId }: Omit<Entry, 'method'>,
  detail: JsonValue,
): Promise<void> => {
  const actor = `player:${playerId}`;
  return appendAudit(tx, { actor, action, target: actor, detail }, { ...eventContext, requestId });
};

async function session(
  tokens: Services['tokens'],
  status: number,
  playerId: string,
  refreshToken: string,
): Promise<Reply> {
  return { status, body: { playerId, ...(await tokens.issue(playerId)), tokenType: 'Bearer', refreshToken } };
}

const guest = defineRoute(
  {
    ...common,
    path: '/v1/auth/guest',
    operationId: 'enterAsGuest',
    summary: 'Enter with a secret that this device made; the first time makes a player',
    body: Guest,
    answers: {
      200: { description: 'Known device', schema: Session },
      201: { description: 'New player', schema: Session },
    },
    errors: ['player_frozen'],
  },
  async ({ deps, body, eventContext, requestId }) => {
    const { playerId, created } = await enterGuest(deps.db, hashSecret(body.deviceSecret), eventContext);
    const entry = { playerId, method: 'device', eventContext, requestId };
    return openSession(deps, created ? 201 : 200, entry);
  },
);

const register = defineRoute(
  {
    ...common,
    path: '/v1/auth/register',
    operationId: 'register',
    summary: 'Become a player with a name and a password',
    body: Register,
    answers: { 201: { description: 'New player', schema: Session } },
    errors: ['username_taken'],
  },
  async ({ deps, body, eventContext, requestId }) => {
    const passwordHash = await hashPassword(body.password);
    const { playerId } = await registerPlayer(
      deps.db,
      { username: body.username, passwordHash },
      eventContext,
    );
    return openSession(deps, 201, { playerId, method: 'password', eventContext, requestId });
  },
);

const login = defineRoute(
  {
    ...common,
    path: '/v1/auth/login',
    operationId: 'login',
    summary: 'Enter with name and password',
    body: Login,
    answers: { 200: { description: 'Logged in', schema: Session } },
    errors: ['unauthenticated', 'player_frozen'],
  },
  async ({ deps, body, eventContext, requestId }) => {
    const holder = await readPasswordHolder(deps.db, body.username);
    if (!(await passwordMatches(holder?.hash, body.password)) || holder === undefined)
      throw unauthenticated();
    const { playerId } = holder;
    return openSession(deps, 200, { playerId, method: 'password', eventContext, requestId });
  },
);

const refresh = defineRoute(
  {
    ...common,
    path: '/v1/auth/refresh',
    operationId: 'refreshSession',
    summary: 'Trade a refresh token for a new pair; a token used twice ends its login everywhere',
    body: Refresh,
    answers: { 200: { description: 'New pair', schema: Session } },
    errors: ['unauthenticated'],
  },
  async ({ deps, body, eventContext, requestId }) => {
    const refreshToken = newRefreshToken();
    const rotation = await rotateRefreshToken(
      deps.db,
      hashSecret(body.refreshToken),
      hashSecret(refreshToken),
    );
    if (rotation.state === 'reused') {
      const { playerId } = rotation;
      deps.log.warn({ playerId, requestId }, 'a refresh token came twice: its family is revoked');
      await deps.db.transaction((tx) =>
        audit(tx, 'player.token-reused', { playerId, eventContext, requestId }, {}),
      );
    }
    if (rotation.state !== 'rotated') throw unauthenticated();
    return session(deps.tokens, 200, rotation.playerId, refreshToken);
  },
);

const logout = defineRoute(
  {
    ...common,
    path: '/v1/auth/logout',
    operationId: 'logout',
    summary: 'End the login that a refresh token belongs to',
    body: Refresh,
    answers: { 204: { description: 'Ended, or not known' } },
  },
  async ({ deps, body }) => {
    await revokeFamily(deps.db, hashSecret(body.refreshToken));
    return { status: 204 };
  },
);

const jwks = defineRoute(
  {
    method: 'get',
    path: '/.well-known/jwks.json',
    operationId: 'readKeys',
    tag: 'auth',
    summary: 'Public keys of our access tokens',
    auth: none,
    mutation: false,
    limit: 'read',
    answers: { 200: { description: 'JSON Web Key Set', schema: Jwks } },
  },
  async ({ deps }) => {
    const keys = await deps.tokens.publicKeys();
    return { status: 200, body: { keys }, headers: { 'cache-control': 'public, max-age=300' } };
  },
);

export const authRoutes = [guest, register, login, refresh, logout, jwks];
