import type { RouteSpec } from './define-route.ts';
import type { Reply } from './http.ts';
import { problemContentType } from './middleware/errors.ts';
import { Problem } from './schemas.ts';

/** Throws when a reply is not what the OpenAPI document promises: our bug, so tests run with it switched on. */
export function assertPublished(spec: RouteSpec, reply: Reply): void {
  const answer = spec.answers[reply.status];
  const isProblem = reply.headers?.['content-type'] === problemContentType;
  if (!isProblem && answer === undefined)
    throw new Error(`${spec.operationId} does not publish status ${reply.status}`);
  const schema = isProblem ? Problem : answer?.schema;
  if (schema === undefined) {
    if (reply.body !== undefined) throw new Error(`${spec.operationId} ${reply.status} publishes no body`);
    return;
  }
  const parsed = schema.safeParse(JSON.parse(JSON.stringify(reply.body)));
  if (!parsed.success)
    throw new Error(`${spec.operationId} ${reply.status} breaks its schema: ${parsed.error.message}`);
}
