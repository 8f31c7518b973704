import { errorReference, openApiReference } from './generate-openapi.ts';
import { economySchema } from '../domain/economy/economy-schema.ts';
import { readDocument } from '../api/routes/index.ts';
import { generateSchemaFiles } from '../events/schemas/generate.ts';
import { clientTypes } from './generate-client-types.ts';
import { asyncApiReference, eventReference } from './generate-events.ts';
import { configurationReference, environmentExample } from './generate-configuration.ts';
import { performancePage } from './generate-performance.ts';

export type GeneratedFile = { path: string; content: string };

/** Every committed file that is made from code; `npm run generate -- --check` and a test compare them. */
export async function generated(): Promise<GeneratedFile[]> {
  return [
    { path: '.env.example', content: environmentExample() },
    { path: 'docs/reference/economy.schema.json', content: `${JSON.stringify(economySchema, null, 2)}\n` },
    { path: 'docs/reference/configuration.md', content: configurationReference() },
    { path: 'docs/reference/openapi.json', content: openApiReference() },
    { path: 'client/api-types.ts', content: await clientTypes(readDocument()) },
    { path: 'docs/reference/errors.md', content: errorReference() },
    { path: 'docs/explanation/performance.md', content: await performancePage() },
    { path: 'docs/reference/asyncapi.json', content: asyncApiReference() },
    { path: 'docs/reference/events.md', content: eventReference() },
    ...generateSchemaFiles(),
  ];
}
