import { LootError } from '../../domain/errors.ts';

/** The closed list of what an API key may be allowed to do. */
export const scopes = [
  'grants:write',
  'spends:write',
  'imports:write',
  'results:write',
  'matches:read',
  'economy:read',
  'economy:write',
  'market:read',
  'receipts:read',
  'receipts:all',
  // an operator's: everything about every player, whoever caused it
  'statements:read',
  'dead-letters:read',
  'redrives:write',
  'stories:write',
  'audits:write',
  'findings:read',
  'findings:write',
  'valves:write',
  'clawbacks:write',
  'keys:write',
  'players:read',
  'players:write',
  'audit:read',
  // the event platform; which topics, the key itself says
  'events:write',
  'events:read',
  'topics:write',
  'schemas:write',
  'subscriptions:write',
  'streams:read',
  'replays:write',
] as const;
export type Scope = (typeof scopes)[number];

export type Player = { type: 'player'; playerId: string };
/** A game server or an operator. `clientId` namespaces its references and outside ids. */
export type Client = {
  type: 'client';
  clientId: string;
  keyId: string;
  scopes: ReadonlySet<string>;
  /** Names, `prefix.*` or `*`; asked through `topics.ts`. */
  topics: { publish: readonly string[]; read: readonly string[] };
  /** Events; null: as every other key. */
  publishPerSecond: number | null;
};
export type Principal = Player | Client;

/** Who may call a route. There is no default: a route without a policy does not compile. */
export type Policy =
  | { who: 'anyone' }
  | { who: 'player' }
  | { who: 'service' | 'operator' | 'player-or-client'; scope: Scope };

export const none = { who: 'anyone' } as const;
export const player = { who: 'player' } as const;
export const service = (scope: Scope) => ({ who: 'service', scope }) as const;
export const operator = (scope: Scope) => ({ who: 'operator', scope }) as const;
export const playerOrClient = (scope: Scope) => ({ who: 'player-or-client', scope }) as const;

export type PrincipalOf<A extends Policy> = A extends { who: 'player' }
  ? Player
  : A extends { who: 'service' | 'operator' }
    ? Client
    : A extends { who: 'player-or-client' }
      ? Principal
      : Principal | undefined;

/** The stable name of a principal: part of derived ids, keys and audit entries, so its form is permanent. */
export const principalName = (principal: Principal | undefined): string => {
  if (principal === undefined) return 'anyone';
  return principal.type === 'player' ? `player:${principal.playerId}` : `client:${principal.clientId}`;
};

/** Refuses who may not pass: `unauthenticated`, `forbidden`. */
export function authorise(policy: Policy, principal: Principal | undefined): void {
  if (policy.who === 'anyone') return;
  if (principal === undefined) throw unauthenticated();
  if (principal.type === 'player') {
    if (policy.who === 'player' || policy.who === 'player-or-client') return;
    throw new LootError('forbidden', 'This route is for API keys, not for players.');
  }
  if (policy.who === 'player')
    throw new LootError('forbidden', 'This route is for players, not for API keys.');
  if (!principal.scopes.has(policy.scope))
    throw new LootError('forbidden', `The API key lacks the scope ${policy.scope}.`);
}

/** One body for absent, expired and forged credentials: a caller learns nothing from the difference. */
export const unauthenticated = (): LootError =>
  new LootError('unauthenticated', 'Send a valid credential as a bearer token.');
