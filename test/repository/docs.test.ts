import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** What the docs name is there: links, paths of the tree, npm scripts. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const files = [
  ...(await Array.fromAsync(glob('docs/**/*.md', { cwd: root }))),
  'README.md',
  'CONTRIBUTING.md',
].toSorted();
const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

const folders =
  'domain|workflows|activities|store|events|arena|api|workers|client|cli|demo|economies|platform|stack|prisma|test|bench|deploy|docs';
/** `store/db.ts`, `domain/arena/`; not `POST /v1/…` and not names with a variable part. */
const pathForm = new RegExp(
  `^(?:(?:${folders})/[\\w./-]*|\\.dependency-cruiser\\.js|docker-compose\\.yml|\\.env\\.example)$`,
);

const matches = (text: string, form: RegExp): string[] =>
  [...text.matchAll(form)].map((match) => match[1] ?? '');

describe.each(files)('%s', async (file) => {
  const text = await readFile(path.join(root, file), 'utf8');

  test('every link leads somewhere', () => {
    const links = matches(text, /\]\(([^)#]+)(?:#[^)]*)?\)/g).filter((link) => !/^[a-z]+:/.test(link));
    expect(links.filter((link) => !existsSync(path.join(root, path.dirname(file), link)))).toEqual([]);
  });

  test('every path is in the tree', () => {
    const paths = matches(text, /`([^`\s]+)`/g).filter((name) => pathForm.test(name));
    expect(paths.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });

  test('every npm script exists', () => {
    const names = matches(text, /npm run (?:--silent )?(\w[\w:-]*)/g);
    expect(names.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
