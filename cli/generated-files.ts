import { configurationReference, environmentExample } from './generate-configuration.ts';

export type GeneratedFile = { path: string; content: string };

/** Every committed file that is made from code; `npm run generate -- --check` and a test compare them. */
export async function generated(): Promise<GeneratedFile[]> {
  return [
    { path: '.env.example', content: environmentExample() },
    { path: 'docs/reference/configuration.md', content: configurationReference() },
  ];
}
