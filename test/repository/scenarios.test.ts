import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scenarios } from '../../cli/scenarios.ts';

const textOf = (file: string): Promise<string> => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');

// vitest calls it a success when a title is nobody's
test.each(Object.entries(scenarios))('the scenario %s plays a test that is there', async (_, scenario) => {
  expect(await textOf(scenario.file)).toContain(scenario.title ?? 'test(');
});

test('the runbook names every scenario and no other', async () => {
  const named = (await textOf('docs/runbook.md')).matchAll(/npm run scenario -- ([a-z][a-z-]*)/g);
  expect(new Set([...named].map(([, name]) => name))).toEqual(new Set(Object.keys(scenarios)));
});
