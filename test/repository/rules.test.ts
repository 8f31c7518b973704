import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import rules from '../../.dependency-cruiser.js';

/** Each rule is seeded with one violation in a tree of its own: a rule that catches nothing is no rule. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
let tree: string;

async function write(files: Record<string, string>) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(tree, name)), { recursive: true });
    await writeFile(path.join(tree, name), content);
  }
}

const fakePackage = (name: string) => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({
    name,
    version: '1.0.0',
    main: 'index.js',
    type: 'module',
  }),
  [`node_modules/${name}/index.js`]: 'export default 1;\n',
});

async function outputOf(command: string, args: string[]): Promise<string> {
  const tool = path.join(root, 'node_modules/.bin', command);
  const result = await run(tool, args, { cwd: tree, maxBuffer: 1 << 26 }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return result.stdout + result.stderr;
}

beforeAll(async () => {
  tree = await mkdtemp(path.join(tmpdir(), 'lootledger-rules-'));
});
afterAll(() => rm(tree, { recursive: true, force: true }));

/** One file that breaks the rule, by the rule's name. */
const violations: Record<string, Record<string, string>> = {
  'no-cycles': { 'platform/a.ts': "import './b.ts';\n", 'platform/b.ts': "import './a.ts';\n" },
  'domain-is-pure': { 'domain/impure.ts': "import pg from 'pg';\nexport default pg;\n" },
  'workflows-are-deterministic': { 'workflows/story.ts': "import '../store/any.ts';\n" },
  'workflows-are-seen-through-messages': { 'api/peek.ts': "import '../workflows/story.ts';\n" },
  'activities-are-effects': { 'activities/up.ts': "import '../api/peek.ts';\n" },
  'store-knows-rules-and-drivers': { 'store/up.ts': "import '../events/any.ts';\n" },
  'events-stand-on-store': { 'events/up.ts': "import '../api/peek.ts';\n" },
  'arena-hosts-matches': { 'arena/up.ts': "import '../events/any.ts';\n" },
  'api-starts-or-reads': { 'api/deep.ts': "import '../events/relay/relay.ts';\n" },
  'client-stands-alone': { 'client/deep.ts': "import '../domain/errors.ts';\n" },
  'platform-is-the-ground': { 'platform/up.ts': "import '../store/any.ts';\n" },
  'stack-starts-servers-only': { 'stack/up.ts': "import '../store/any.ts';\n" },
  'demo-is-a-user': { 'demo/deep.ts': "import '../events/any.ts';\n" },
  'posting-has-one-door': { 'api/money.ts': "import '../store/ledger/post-journals.ts';\n" },
  'pg-and-prisma-belong-to-store': { 'api/raw.ts': "import pg from 'pg';\nexport default pg;\n" },
  'kafkajs-belongs-to-its-adapter': {
    'events/raw.ts': "import kafka from 'kafkajs';\nexport default kafka;\n",
  },
  'temporal-workers-belong-to-processes': {
    'api/poll.ts': "import worker from '@temporalio/worker';\nexport default worker;\n",
  },
  'entry-points-are-not-imported': { 'platform/start.ts': "import '../workers/all.ts';\n" },
  'cli-is-not-imported': { 'workers/command.ts': "import '../cli/any.ts';\n" },
  'production-is-not-tested-code': { 'store/tested.ts': "import '../test/any.ts';\n" },
};

describe('boundaries', () => {
  let broken: Set<string>;
  beforeAll(async () => {
    const empty = 'export const x = 1;\n';
    await write({
      'package.json': '{ "name": "tree", "type": "module" }',
      'tsconfig.json':
        '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true, "noEmit": true } }',
      ...Object.assign({}, ...['pg', 'kafkajs', '@temporalio/worker'].map(fakePackage)),
      'store/any.ts': empty,
      'store/ledger/post-journals.ts': empty,
      'events/any.ts': empty,
      'events/relay/relay.ts': empty,
      'domain/errors.ts': empty,
      'workers/all.ts': empty,
      'cli/any.ts': empty,
      'test/any.ts': empty,
      ...Object.assign({}, ...Object.values(violations)),
    });
    const output = await outputOf('depcruise', [
      '--config',
      path.join(root, '.dependency-cruiser.js'),
      '--output-type',
      'json',
      '.',
    ]);
    const { summary } = JSON.parse(output.slice(output.indexOf('{'))) as {
      summary: { violations: { rule: { name: string } }[] };
    };
    broken = new Set(summary.violations.map((violation) => violation.rule.name));
  });

  test('every rule has a seeded violation', () => {
    expect(Object.keys(violations).sort()).toEqual(
      rules.forbidden.map((rule: { name: string }) => rule.name).sort(),
    );
  });

  test.each(Object.keys(violations))('%s is caught', (name) => {
    expect(broken).toContain(name);
  });

  test('every rule says why', () => {
    for (const rule of rules.forbidden as { comment: string }[])
      expect(rule.comment.length).toBeGreaterThan(20);
  });
});

describe('lint, format and unused code', () => {
  const lintCases: Record<string, string> = {
    'no-floating-promises': 'async function effect() {}\nexport function story() {\n  effect();\n}\n',
    'no-explicit-any': 'export const loose: any = 1;\n',
    'no-process-env': 'export const home = process.env.HOME;\n',
    'no-console': "console.log('x');\n",
    'ban-ts-comment': '// @ts-ignore\nexport const x = 1;\n',
    'switch-exhaustiveness-check':
      "export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
  };

  beforeAll(async () => {
    await cp(path.join(root, '.oxlintrc.json'), path.join(tree, '.oxlintrc.json'));
    await cp(path.join(root, '.oxfmtrc.json'), path.join(tree, '.oxfmtrc.json'));
    await write({
      'tsconfig.json':
        '{ "compilerOptions": { "module": "nodenext", "strict": true, "types": [] }, "include": ["store"] }',
      ...Object.fromEntries(Object.entries(lintCases).map(([name, text]) => [`store/lint/${name}.ts`, text])),
    });
  });

  test.each(Object.keys(lintCases))('%s is caught', async (name) => {
    expect(await outputOf('oxlint', ['--type-aware', `store/lint/${name}.ts`])).toContain(name);
  });

  test('a file that is not formatted is named', async () => {
    await write({ 'store/untidy.ts': 'export const   x=1\n' });
    expect(await outputOf('oxfmt', ['--check', 'store/untidy.ts'])).toContain('store/untidy.ts');
  });

  test('an unused file is named', async () => {
    await write({
      'knip.json': '{ "entry": ["store/used.ts"], "project": ["store/*.ts"] }',
      'store/used.ts': '',
      'store/unused.ts': '',
    });
    expect(await outputOf('knip', ['--include', 'files'])).toContain('store/unused.ts');
  });
});
