import { OpenAPIHono } from '@hono/zod-openapi';
import type { RouteConfig } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { ErrorCode } from '../domain/errors.ts';
import { errorCodes } from '../domain/errors.ts';
import type { Route, RouteSpec } from './define-route.ts';
import { takesKey } from './define-route.ts';
import { problemContentType } from './middleware/errors.ts';
import { registryContentType } from './registry-dialect.ts';
import { Problem, RegistryProblem } from './schemas.ts';

const info = {
  title: 'Lootledger',
  version: '1',
  description: 'A game economy in which nothing is duplicated, lost or unexplained.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

/** The OpenAPI 3.1 document, from the same declarations the pipeline runs. */
export function openApiDocument(routes: readonly Route[]) {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'player', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A player access token',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: "A game server's or an operator's API key",
  });
  for (const { spec } of routes) app.openAPIRegistry.registerPath(pathConfig(spec));
  return app.getOpenAPI31Document({ openapi: '3.1.0', info, servers: [{ url: '/' }] });
}

function pathConfig(spec: RouteSpec): RouteConfig {
  const { params, query, body } = spec;
  return {
    method: spec.method,
    path: spec.path,
    operationId: spec.operationId,
    summary: spec.summary,
    tags: [spec.tag],
    ...security(spec),
    request: {
      ...(params instanceof z.ZodObject && { params }),
      ...(query instanceof z.ZodObject && { query }),
      ...(headersOf(spec) && { headers: headersOf(spec) }),
      ...(body && { body: { required: true, content: contentOf(spec, body) } }),
      ...(spec.bodyStream && { body: streamed(spec.bodyStream) }),
    },
    responses: { ...successes(spec), ...problems(spec) },
  };
}

const bodyTypeOf = ({ dialect }: RouteSpec): string =>
  dialect === 'schema-registry' ? registryContentType : 'application/json';

const contentOf = (spec: RouteSpec, schema: z.ZodType) =>
  Object.fromEntries([bodyTypeOf(spec), ...(spec.bodyTypes ?? [])].map((type) => [type, { schema }]));

const streamed = ({ contentType, description }: NonNullable<RouteSpec['bodyStream']>) => ({
  required: true,
  description,
  content: { [contentType]: { schema: { type: 'string' as const } } },
});

function security({ auth }: RouteSpec) {
  switch (auth.who) {
    case 'anyone':
      return { security: [] };
    case 'player':
      return { security: [{ player: [] }] };
    case 'service':
    case 'operator':
      return { security: [{ apiKey: [] }], description: `API key with scope \`${auth.scope}\`.` };
    case 'player-or-client':
      return {
        security: [{ player: [] }, { apiKey: [] }],
        description: `A player, or an API key with scope \`${auth.scope}\`.`,
      };
  }
}

function headersOf(spec: RouteSpec): z.ZodObject | undefined {
  const shape = {
    ...(takesKey(spec) && {
      'Idempotency-Key': z
        .string()
        .min(1)
        .max(255)
        .openapi({ description: 'The same key never acts twice; send it again when you retry.' }),
    }),
    ...(spec.errors?.includes('precondition_required') && {
      'If-Match': z.string().openapi({ description: 'The ETag of the version you have seen.' }),
    }),
    ...(spec.answers[202] && {
      Prefer: z.string().optional().openapi({ description: '`wait=n` (at most 10 s) or `respond-async`.' }),
    }),
  };
  return Object.keys(shape).length === 0 ? undefined : z.object(shape);
}

const successes = (spec: RouteSpec) =>
  Object.fromEntries(
    Object.entries(spec.answers).map(
      ([status, { description, schema, contentType = 'application/json' }]) => [
        status,
        { description, ...(schema && { content: { [contentType]: { schema } } }) },
      ],
    ),
  );

/** Codes by status: what every route of its kind may answer, and what this one adds. */
function problems(spec: RouteSpec) {
  const codes = new Set<ErrorCode>([
    'not_acceptable',
    'rate_limited',
    'internal',
    'dependency_unavailable',
    ...(spec.errors ?? []),
  ]);
  const add = (...more: ErrorCode[]) => more.forEach((code) => codes.add(code));
  if (spec.auth.who !== 'anyone') add('unauthenticated', 'forbidden');
  if (spec.auth.who.startsWith('player') && spec.mutation !== false) add('player_frozen');
  if (spec.params) add('not_found');
  if (spec.query || spec.mutation !== false) add('validation_failed');
  if (spec.mutation !== false)
    add('malformed_json', 'payload_too_large', 'unsupported_media_type', 'outcome_unknown', 'overloaded');
  if (takesKey(spec))
    add('idempotency_key_missing', 'idempotency_key_invalid', 'idempotency_mismatch', 'request_in_flight');
  const byStatus = Map.groupBy(codes, (code) => errorCodes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list
          .toSorted()
          .map((code) => `\`${code}\``)
          .join(', '),
        content:
          spec.dialect === 'schema-registry'
            ? { [registryContentType]: { schema: RegistryProblem } }
            : { [problemContentType]: { schema: Problem } },
      },
    ]),
  );
}
