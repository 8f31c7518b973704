import openapiTS, { astToString } from 'openapi-typescript';
import type { OpenAPI3 } from 'openapi-typescript';

const header = '// Types of the API. Made from the routes by `npm run generate`.\n\n';

/** Exported by the generator, wanted by nobody. */
const unused = /^export (interface paths|type (?:webhooks|\$defs))/gm;

type Operation = { responses?: Record<string, unknown> };
type Document = { paths?: Record<string, Record<string, Operation>> };

/** The SDK's types: every request, and every reply but the problems, which have one shape and a class of their own. */
export async function clientTypes(document: unknown): Promise<string> {
  const successes = structuredClone(document) as Document;
  for (const path of Object.values(successes.paths ?? {}))
    for (const { responses = {} } of Object.values(path))
      for (const status of Object.keys(responses)) if (Number(status) >= 400) delete responses[status];
  const nodes = await openapiTS(successes as unknown as OpenAPI3, {
    alphabetize: true,
    immutable: true,
    defaultNonNullable: false,
  });
  return header + astToString(nodes).replace(unused, '$1');
}
