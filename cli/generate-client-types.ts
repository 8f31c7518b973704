import openapiTS, { astToString } from 'openapi-typescript';
import type { OpenAPI3 } from 'openapi-typescript';

const header = '// Types of the API. Made from the routes by `npm run generate`.\n\n';

/** The SDK's types: every request and reply of the OpenAPI document. */
export async function clientTypes(document: unknown): Promise<string> {
  const nodes = await openapiTS(document as OpenAPI3, { alphabetize: true, immutable: true, rootTypes: true, rootTypesNoSchemaPrefix: true });
  return header + astToString(nodes);
}
