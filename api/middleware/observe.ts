import { randomUUID } from 'node:crypto';
import { SpanStatusCode } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { LootError } from '../../domain/errors.ts';
import { principalName } from '../auth/policy.ts';
import type { Services } from '../deps.ts';
import type { Http, Variables } from '../http.ts';
import { inServerSpan } from './trace.ts';

const uriBytesMax = 8 * 1024;
const headerBytesMax = 16 * 1024;

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/** Around everything: the request's id and trace, one wide log line, one observation, the headers every reply has. */
export function observe(
  services: Pick<Services, 'log' | 'metrics'>,
): MiddlewareHandler<{ Variables: Variables }> {
  return async (http, next) => {
    const startedAtMs = performance.now();
    const requestId = requestIdOf(http.req.raw.headers);
    http.set('requestId', requestId);
    http.set('route', 'unmatched');
    await inServerSpan(http.req.method, http.req.raw.headers, async (trace, span) => {
      http.set('trace', trace);
      http.header('x-request-id', requestId);
      for (const [name, value] of Object.entries(securityHeaders)) http.header(name, value);
      await next();
      const route = http.get('route');
      span.updateName(`${http.req.method} ${route}`);
      span.setAttributes({
        'http.request.method': http.req.method,
        'http.route': route,
        'http.response.status_code': http.res.status,
      });
      const principal = http.get('principal');
      if (principal?.type === 'player') span.setAttribute('lootledger.player_id', principal.playerId);
      if (http.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      report(services, http, performance.now() - startedAtMs);
    });
  };
}

function report({ log, metrics }: Pick<Services, 'log' | 'metrics'>, http: Http, durationMs: number): void {
  const route = http.get('route');
  const status = http.res.status;
  metrics.httpRequestDuration.observe({ method: http.req.method, route, status }, durationMs / 1_000);
  const principal = http.get('principal');
  const line = {
    requestId: http.get('requestId'),
    traceId: http.get('trace').traceId,
    method: http.req.method,
    route,
    status,
    durationMs: Math.round(durationMs * 10) / 10,
    ...(principal &&
      (principal.type === 'player'
        ? { playerId: principal.playerId }
        : { client: principalName(principal) })),
    ...(http.get('errorCode') && { outcome: http.get('errorCode') }),
    ...(http.get('replayed') && { replayed: true }),
  };
  if (status >= 500) log.error(line, 'request');
  else if (route.endsWith('z')) log.debug(line, 'request');
  else log.info(line, 'request');
}

/** The caller's own id if it is harmless, else a new one. */
function requestIdOf(headers: Headers): string {
  const sent = headers.get('x-request-id') ?? headers.get('x-correlation-id');
  return sent !== null && /^[\x21-\x7e]{1,128}$/.test(sent) ? sent : randomUUID();
}

/** `uri_too_long`, `headers_too_large`: below the server's own limits, so that the answer is a problem document. */
export const limitSizes: MiddlewareHandler<{ Variables: Variables }> = async (http, next) => {
  assertSizes(http);
  await next();
};

function assertSizes(http: Http): void {
  const { pathname, search } = new URL(http.req.url);
  if (pathname.length + search.length > uriBytesMax)
    throw new LootError('uri_too_long', `A URI here has at most ${uriBytesMax} bytes.`);
  let size = 0;
  for (const [name, value] of http.req.raw.headers) size += name.length + value.length + 4;
  if (size > headerBytesMax)
    throw new LootError('headers_too_large', `Headers here have at most ${headerBytesMax} bytes.`);
}
