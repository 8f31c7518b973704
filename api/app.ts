import { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import { LootError, isLootError } from '../domain/errors.ts';
import { deriveKey } from '../platform/derive-key.ts';
import { createPublisher, isKafkaAway } from '../events/publish/publish.ts';
import type { Db } from '../store/db.ts';
import { ensureSecret } from '../store/signing-keys/ensure-secret.ts';
import type { SecretName } from '../store/signing-keys/ensure-secret.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { createSigningKeys } from './auth/signing-keys.ts';
import { createTokenService } from './auth/tokens.ts';
import { createBreaker } from './breaker.ts';
import { createCursorSigner } from './cursors.ts';
import type { Route } from './define-route.ts';
import type { ApiDeps, Services } from './deps.ts';
import { isDown } from './failures.ts';
import { guardDb } from './guards.ts';
import type { Variables } from './http.ts';
import { problemContentType, problemReply } from './middleware/errors.ts';
import { createRateLimiter } from './middleware/rate-limit.ts';
import { limitSizes, observe } from './middleware/observe.ts';
import { createPathTable } from './paths.ts';
import { allRoutes } from './routes/index.ts';
import { registryReply } from './registry-dialect.ts';
import { createStreamRegistry } from './stream/registry.ts';
import { send, serveRoute } from './serve-route.ts';

export type App = OpenAPIHono<{ Variables: Variables }>;

/** The whole API as a function from Request to Response; `main.ts` puts a server around it, tests call it directly. */
export function createApp(deps: ApiDeps, routes: readonly Route[] = allRoutes): App {
  const services = createServices(deps);
  const app: App = new OpenAPIHono<{ Variables: Variables }>();
  const paths = createPathTable(routes);

  app.use(observe(services));
  app.use(limitSizes);
  const crossOrigin = cors({
    origin: [...deps.config.CORS_ORIGINS],
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'Prefer',
      'X-Request-Id',
      'traceparent',
      'tracestate',
      'Last-Event-ID',
    ],
    exposeHeaders: [
      'ETag',
      'Location',
      'Retry-After',
      'X-Request-Id',
      'Idempotency-Replayed',
      'RateLimit',
      'RateLimit-Policy',
    ],
    maxAge: 600,
  });
  // An OPTIONS that is no preflight asks for `Allow`.
  app.use((http, next) =>
    http.req.method === 'OPTIONS' && !http.req.header('access-control-request-method')
      ? next()
      : crossOrigin(http, next),
  );
  for (const route of routes)
    app.on(route.spec.method.toUpperCase(), paths.honoPath(route.spec.path), serveRoute(route, services));

  app.notFound((http) => {
    const allowed = paths.allowed(http.req.path);
    if (allowed.length === 0) throw new LootError('not_found', 'There is nothing here.');
    const allow = allowed.join(', ');
    if (http.req.method === 'OPTIONS') return http.newResponse(null, 204, { allow });
    throw new LootError('method_not_allowed', `Use ${allow}.`, { extra: { allow } });
  });
  app.onError((error, http) => {
    const told = isLootError(error)
      ? error
      : new LootError('internal', 'Something failed on our side. The request id finds it in our logs.', {
          cause: error,
        });
    if (told.code === 'internal')
      deps.log.error({ err: told.cause ?? told, requestId: http.get('requestId') }, 'a request failed');
    http.set('errorCode', told.code);
    if (http.get('dialect') === 'schema-registry') return send(http, registryReply(told));
    const reply = problemReply(told, {
      requestId: http.get('requestId'),
      traceId: http.get('trace').traceId,
    });
    return send(http, { ...reply, headers: { ...reply.headers, 'content-type': problemContentType } });
  });
  return app;
}

/** Puts the dependencies behind breakers and makes what only the API has. */
function createServices(deps: ApiDeps): Services {
  const nowMs = deps.nowMs ?? Date.now;
  const { config, metrics, log } = deps;
  const breaker = (target: 'postgres' | 'temporal' | 'kafka', isAway = isDown) =>
    createBreaker({
      target,
      metrics,
      isDown: isAway,
      onChange: (state) => log.warn({ target, state }, 'a breaker changed'),
    });
  const breakers = { postgres: breaker('postgres'), temporal: breaker('temporal') };
  const db = guardDb(deps.db, breakers.postgres);

  const encryptionSecret = lazySecret(db, 'key-encryption', config.KEY_ENCRYPTION_SECRET);
  const keyFor = async (purpose: string) => deriveKey(await encryptionSecret(), purpose);
  const tokens = createTokenService({
    keys: createSigningKeys({ db, readKey: () => keyFor('signing-keys'), nowMs }),
    issuer: ownIssuer(config.LOOTLEDGER_ENVIRONMENT),
    audience: config.OIDC_AUDIENCE,
    ttlMs: config.TOKEN_TTL_MS,
    outsideIssuers: config.OIDC_ISSUERS,
    nowMs,
  });
  return {
    ...deps,
    db,
    publisher:
      deps.events &&
      createPublisher({ ...deps.events, db, metrics, log, breaker: breaker('kafka', isKafkaAway) }),

    nowMs,
    streams: deps.streams ?? createStreamRegistry(),
    breakers,
    temporalHealth: { answeredAtMs: -Infinity },
    tokens,
    cursors: createCursorSigner(() => keyFor('cursors')),
    authenticate: createAuthenticator({ db, tokens, keyPrefix: config.LOOTLEDGER_KEY_PREFIX, nowMs }),
    serviceSecret: lazySecret(db, 'service-token', config.SERVICE_TOKEN_SECRET),
    keyFor,
    limiter: createRateLimiter({ nowMs, percent: config.RATE_LIMIT_PERCENT }),
  };
}

/** The configured secret, else the deployment's own, read once. */
function lazySecret(db: Db, name: SecretName, configured: string | undefined): () => Promise<string> {
  let secret: Promise<string> | undefined;
  return () => {
    secret ??= (configured === undefined ? ensureSecret(db, name) : Promise.resolve(configured)).catch(
      (error: unknown) => {
        secret = undefined;
        throw error;
      },
    );
    return secret;
  };
}

/** A token of one environment is a stranger's in another. */
export const ownIssuer = (environment: string): string => `lootledger:${environment}`;
