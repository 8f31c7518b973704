import type { Context } from 'hono';
import type { EventContext } from '../domain/events.ts';
import type { JournalCause } from '../domain/ledger/types.ts';
import type { Services } from './deps.ts';
import type { RouteSpec } from './define-route.ts';
import type { Policy, Principal, PrincipalOf } from './auth/policy.ts';
import type { Trace } from './middleware/trace.ts';
import type { Preference } from './prefer.ts';

/** What the middleware leaves on the Hono context for those after it. */
export type Variables = {
  requestId: string;
  trace: Trace;
  /** The template of the matched route, for labels and log lines; ids never become labels. */
  route: string;
  principal: Principal | undefined;
  /** The code of the problem that was answered, if one was. */
  errorCode: string | undefined;
  replayed: boolean;
  /** How the route's errors are written, where that is not as problem documents. */
  dialect: RouteSpec['dialect'];
};

export type Http = Context<{ Variables: Variables }>;

/** A handler's answer; the pipeline stores it under the Idempotency-Key, checks it against the schema and sends it. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

/** One request, parsed and trusted: what a handler gets. */
export type Call<P, Q, B, A extends Policy = Policy> = {
  readonly deps: Services;
  readonly http: Http;
  readonly principal: PrincipalOf<A>;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly requestId: string;
  readonly idempotencyKey: string;
  readonly prefer: Preference;
  /** Same principal, path and key: same id, for ever; `part` tells apart several ids of one request. */
  derivedId(part?: string): string;
  /** Who and which request, for events written on its behalf. */
  readonly eventContext: EventContext;
  /** The same for journals. */
  readonly cause: JournalCause;
};
