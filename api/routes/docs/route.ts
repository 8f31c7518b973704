import { readFile } from 'node:fs/promises';
import { asyncApiDocument } from '../../../events/asyncapi/document.ts';
import { none } from '../../auth/policy.ts';
import type { Route } from '../../define-route.ts';
import { defineRoute } from '../../define-route.ts';
import type { Http } from '../../http.ts';
import { errorReference } from '../../error-reference.ts';

const common = { method: 'get', tag: 'docs', auth: none, mutation: false, limit: 'none' } as const;
const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lootledger API</title><meta name="viewport" content="width=device-width"></head>
<body><script id="api-reference" data-url="/openapi.json" data-configuration='{"withDefaultFonts":false,"telemetry":false}'></script>
<script src="/docs/scalar.js"></script></body></html>`;
/** The page needs its own script and styles, and nothing from elsewhere. */
const pagePolicy =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:";

let script: Promise<string> | undefined;
const readScript = (): Promise<string> => {
  script ??= readFile(new URL('browser/standalone.js', import.meta.resolve('@scalar/api-reference')), 'utf8');
  return script;
};

const text = (http: Http, contentType: string, body: string): Response => {
  http.header('content-type', `${contentType}; charset=utf-8`);
  http.header('content-security-policy', pagePolicy);
  http.header('cache-control', 'public, max-age=300');
  return http.newResponse(body, 200);
};

/** The document, a page that shows it without a network, and the error reference that problem documents point to. */
export const docsRoutes = (document: () => unknown): Route[] => [
  defineRoute(
    {
      ...common,
      path: '/openapi.json',
      operationId: 'readOpenApi',
      summary: 'The OpenAPI document',
      answers: { 200: { description: 'OpenAPI 3.1' } },
    },
    async ({ http }) => text(http, 'application/json', JSON.stringify(document())),
  ),
  defineRoute(
    {
      ...common,
      path: '/asyncapi.json',
      operationId: 'readAsyncApi',
      summary: 'The AsyncAPI document: topics and events',
      answers: { 200: { description: 'AsyncAPI 3.0' } },
    },
    async ({ http }) => text(http, 'application/json', JSON.stringify(asyncApiDocument())),
  ),
  defineRoute(
    {
      ...common,
      path: '/docs',
      operationId: 'readDocs',
      summary: 'The reference as a page',
      answers: { 200: { description: 'A page', contentType: 'text/html' } },
    },
    async ({ http }) => text(http, 'text/html', page),
  ),
  defineRoute(
    {
      ...common,
      path: '/docs/scalar.js',
      operationId: 'readDocsScript',
      summary: "The page's script",
      answers: { 200: { description: 'A script', contentType: 'text/javascript' } },
    },
    async ({ http }) => text(http, 'text/javascript', await readScript()),
  ),
  defineRoute(
    {
      ...common,
      path: '/docs/errors',
      operationId: 'readErrors',
      summary: 'Every error code',
      answers: { 200: { description: 'Markdown', contentType: 'text/markdown' } },
    },
    async ({ http }) => text(http, 'text/markdown', errorReference()),
  ),
];
