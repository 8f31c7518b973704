import { readFile, writeFile } from 'node:fs/promises';
import { generated } from './generated-files.ts';

/**
 * `npm run generate`: writes every file that is made from code. `--check` writes nothing and fails, naming the files
 * that differ.
 */
const check = process.argv.includes('--check');
const stale: string[] = [];
for (const { path, content } of await generated()) {
  const url = new URL(`../${path}`, import.meta.url);
  const current = await readFile(url, 'utf8').catch(() => '');
  if (current === content) continue;
  stale.push(path);
  if (!check) await writeFile(url, content);
}
if (stale.length > 0) console.log(`${check ? 'out of date' : 'wrote'}: ${stale.join(', ')}`);
if (check && stale.length > 0) {
  console.error('Run `npm run generate` and commit the result.');
  process.exitCode = 1;
}
