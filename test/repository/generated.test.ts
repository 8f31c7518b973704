import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generated } from '../../cli/generated-files.ts';

test('every generated file is what the code generates now', async () => {
  for (const { path, content } of await generated()) {
    const committed = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(committed, `${path} is out of date: npm run generate`).toBe(content);
  }
});
