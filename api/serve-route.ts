import { createHash } from 'node:crypto';
import { derivedId } from '../domain/ids.ts';
import { LootError } from '../domain/errors.ts';
import type { EventContext } from '../domain/events.ts';
import { appendAudit } from '../store/audit/append-audit.ts';
import { readStanding } from '../store/players/standing.ts';
import { bearerOf } from './auth/authenticate.ts';
import type { Principal } from './auth/policy.ts';
import { authorise, principalName, unauthenticated } from './auth/policy.ts';
import type { Raw, RawCall, Route, RouteSpec } from './define-route.ts';
import { takesKey } from './define-route.ts';
import type { Services } from './deps.ts';
import { toLootError } from './failures.ts';
import type { Http, Reply } from './http.ts';
import { assertAcceptable } from './middleware/accept.ts';
import { assertContentType, bodyBytesMaxDefault, isJson, readJson } from './middleware/body.ts';
import { hashBody, oncePerKey, readIdempotencyKey } from './middleware/idempotency.ts';
import { rateLimitHeaders } from './middleware/rate-limit.ts';
import { parsePrefer } from './prefer.ts';
import { assertPublished } from './published.ts';
import { basicKeyOf, isRegistryBody, registryReplyType } from './registry-dialect.ts';
import { unstorablePlaces } from './validation.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** The way of every request through its route: who, how often, what, once. */
export function serveRoute(route: Route, services: Services): (http: Http) => Promise<Response> {
  const { spec } = route;
  const contentType = Object.values(spec.answers)[0]?.contentType ?? 'application/json';
  return async (http) => {
    http.set('route', spec.path);
    http.set('dialect', spec.dialect);
    try {
      const replyType = negotiate(spec, http.req.header('accept'), contentType);
      const principal = await admit(route, services, http);
      const raw = await readRequest(route, http);
      const idempotencyKey = takesKey(spec) ? readIdempotencyKey(http.req.raw.headers) : '';
      const parsed = route.parse(raw);
      const call = callOf(http, principal, idempotencyKey);
      const reply =
        spec.mutation === 'keyed' || spec.mutation === 'secret'
          ? await once(route, services, call, raw, parsed)
          : await route.handle(services, call, parsed);
      if (reply instanceof Response) return reply;
      if (services.validateReplies === true) assertPublished(spec, reply);
      return send(http, replyType === undefined ? reply : withType(reply, replyType));
    } catch (error) {
      throw toLootError(error, spec.mutation !== false);
    }
  };
}

/** Throws `not_acceptable`; answers a content type where the client may choose. */
function negotiate(
  { dialect }: RouteSpec,
  accept: string | undefined,
  contentType: string,
): string | undefined {
  if (dialect === 'schema-registry') return registryReplyType(accept);
  assertAcceptable(accept, contentType);
  return undefined;
}

const withType = (reply: Reply, contentType: string): Reply => ({
  ...reply,
  headers: { 'content-type': contentType, ...reply.headers },
});

/** Rate limits of the address, then who it is, what they may, and their own limits. */
async function admit({ spec }: Route, services: Services, http: Http): Promise<Principal | undefined> {
  const byAddress = services.limiter.address(addressOf(http, services.config.TRUST_PROXY), spec.limit);
  const principal =
    spec.auth.who === 'anyone'
      ? undefined
      : await services.authenticate.principalOf(credentialOf(spec, http));
  http.set('principal', principal);
  try {
    authorise(spec.auth, principal);
  } catch (error) {
    await auditRefusal(spec, services, http, principal);
    throw error;
  }
  if (principal?.type === 'player')
    await assertStanding(services, principal.playerId, spec.mutation !== false);
  const allowance = services.limiter.principal(principal, spec.limit) ?? byAddress;
  if (allowance)
    for (const [name, value] of Object.entries(rateLimitHeaders(allowance))) http.header(name, value);
  return principal;
}

/** What an operator's key was not allowed to change is in the audit trail, as far as the key's own limits go. */
async function auditRefusal(
  { auth, mutation, operationId, limit }: RouteSpec,
  { db, limiter, log }: Services,
  http: Http,
  principal: Principal | undefined,
): Promise<void> {
  if (auth.who !== 'operator' || mutation === false || principal?.type !== 'client') return;
  limiter.principal(principal, limit);
  const entry = {
    actor: principalName(principal),
    action: 'operator.refused',
    target: operationId,
    detail: { keyId: principal.keyId, scope: auth.scope },
  };
  const context = { ...eventContextOf(http), requestId: http.get('requestId') };
  await db
    .transaction((tx) => appendAudit(tx, entry, context))
    .catch((error: unknown) => log.warn({ err: error, ...entry }, 'a refusal is not in the audit trail'));
}

/** A token outlives what it stands for: the erased are nobody, the frozen read and change nothing. */
async function assertStanding({ db }: Services, playerId: string, mutates: boolean): Promise<void> {
  const standing = await readStanding(db, playerId);
  if (standing === 'erased') throw unauthenticated();
  if (standing === 'frozen' && mutates)
    throw new LootError('player_frozen', 'This player is frozen: ask whoever runs the game.');
}

/** A browser cannot set headers on a socket, so there the token may come as the subprotocol `bearer.<token>`. */
function credentialOf({ dialect }: RouteSpec, http: Http): string | undefined {
  const basic = dialect === 'schema-registry' ? basicKeyOf(http.req.header('authorization')) : undefined;
  if (basic !== undefined) return basic;
  const credential = bearerOf(http.req.header('authorization'));
  if (credential !== undefined || http.req.header('upgrade')?.toLowerCase() !== 'websocket')
    return credential;
  const offered = http.req
    .header('sec-websocket-protocol')
    ?.split(',')
    .map((protocol) => protocol.trim());
  return offered?.find((protocol) => protocol.startsWith('bearer.'))?.slice('bearer.'.length);
}

/** With a trusted proxy in front, the address it saw is the last it appended. */
function addressOf(http: Http, trustProxy: boolean): string {
  const forwarded = trustProxy ? http.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  const bindings = http.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return forwarded ?? bindings?.incoming?.socket?.remoteAddress ?? 'unknown';
}

async function readRequest({ spec }: Route, http: Http): Promise<Raw> {
  const params = http.req.param() as Record<string, string>;
  if (unstorablePlaces(params).length > 0) throw new LootError('not_found', 'There is nothing here.');
  const query = queryOf(http.req.queries());
  const errors = unstorablePlaces(query, '/query');
  if (errors.length > 0)
    throw new LootError('validation_failed', 'The query has text that cannot be stored; see errors.', {
      errors,
    });
  return { params, query, body: await readBody(spec, http.req.raw) };
}

async function readBody(spec: RouteSpec, request: Request): Promise<unknown> {
  if (spec.mutation === false) return {};
  if (spec.bodyStream === undefined)
    return readJson(request, spec.bodyBytesMax ?? bodyBytesMaxDefault, welcomeBody(spec));
  assertContentType(request.headers.get('content-type'), spec.bodyStream.contentType);
  return {};
}

function welcomeBody({
  dialect,
  bodyTypes,
}: RouteSpec): ((contentType: string | null) => boolean) | undefined {
  if (dialect !== undefined) return isRegistryBody;
  return bodyTypes && ((contentType) => isJson(contentType, bodyTypes));
}

/** A parameter given twice stays a list, which no schema accepts. */
const queryOf = (queries: Record<string, string[]>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );

function callOf(http: Http, principal: Principal | undefined, idempotencyKey: string): RawCall {
  const requestId = http.get('requestId');
  const name = principalName(principal);
  const path = http.req.path;
  return {
    http,
    principal,
    requestId,
    idempotencyKey,
    prefer: parsePrefer(http.req.header('prefer') ?? null),
    derivedId: (part) => derivedId(sha256, name, path, idempotencyKey, ...(part === undefined ? [] : [part])),
    eventContext: eventContextOf(http),
    cause: { actor: name, requestId, traceId: http.get('trace').traceId },
  };
}

function eventContextOf(http: Http): EventContext {
  const { traceparent, tracestate } = http.get('trace');
  return {
    correlationId: http.get('requestId'),
    traceparent,
    ...(tracestate !== undefined && { tracestate }),
  };
}

async function once(route: Route, services: Services, call: RawCall, raw: Raw, parsed: Raw): Promise<Reply> {
  const { present } = route;
  const claim = {
    scope: `${principalName(call.principal)} ${route.spec.method.toUpperCase()} ${call.http.req.path}`,
    key: call.idempotencyKey,
    bodyHash: hashBody({ query: raw.query, body: raw.body }),
  };
  const run = async () => asReply(await route.handle(services, call, parsed));
  const again = present && (async () => asReply(await present(services, call, parsed)));
  const reply = await oncePerKey(
    services,
    claim,
    run,
    route.spec.mutation === 'secret' ? { secret: run } : { pending: again },
  );
  if (!reply.replayed) return reply;
  call.http.set('replayed', true);
  return { ...reply, headers: { ...reply.headers, 'idempotency-replayed': 'true' } };
}

function asReply(reply: Reply | Response): Reply {
  if (reply instanceof Response) throw new TypeError('a keyed mutation answers a reply that can be stored');
  return reply;
}

export function send(http: Http, reply: Reply): Response {
  const headers = {
    ...(reply.body !== undefined && { 'content-type': 'application/json' }),
    ...reply.headers,
  };
  for (const [name, value] of Object.entries(headers)) http.header(name, value);
  const body = reply.body === undefined ? null : JSON.stringify(reply.body);
  return http.newResponse(body, reply.status as 200);
}
