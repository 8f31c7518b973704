import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, glob, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { workflowInterceptorModules } from '../platform/tracing.ts';
import type { BundleOrder } from './build-bundle.ts';

/** One bundle per task queue: a workflow is registered where it runs and nowhere else. */
export const bundleNames = ['economy', 'match', 'events'] as const;
export type BundleName = (typeof bundleNames)[number];

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheFolder = path.join(root, '.stack', 'bundles');

/**
 * The stories of one task queue as a single script, for `Worker.create({ workflowBundle })`. Building takes seconds, so it
 * is kept under the hash of everything that goes in and shared by workers and tests. `moreInterceptors` are absolute paths
 * of modules that look on: what they do must leave no command in a history.
 */
export async function workflowBundle(
  name: BundleName,
  moreInterceptors: readonly string[] = [],
): Promise<{ codePath: string }> {
  const interceptors = [...workflowInterceptorModules, ...moreInterceptors];
  const codePath = path.join(cacheFolder, `${name}-${await contentHash(name, moreInterceptors)}.js`);
  const kept = await access(codePath).then(
    () => true,
    () => false,
  );
  if (kept) return { codePath };
  await mkdir(cacheFolder, { recursive: true });
  await build({ workflowsPath: path.join(root, 'workflows', `index-${name}.ts`), interceptors, codePath });
  return { codePath };
}

async function build(order: BundleOrder): Promise<void> {
  const script = fileURLToPath(new URL('build-bundle.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`the bundle ${order.codePath} was not built: ${signal ?? `exit ${code}`}`);
}

/** Whatever a bundle can contain: our own code, and the pinned versions of the packages it imports. */
async function contentHash(name: BundleName, moreInterceptors: readonly string[]): Promise<string> {
  const files = await Array.fromAsync(
    glob(['workflows/**/*.ts', 'domain/**/*.ts', 'package-lock.json'], { cwd: root }),
  );
  const hash = createHash('sha256').update(JSON.stringify([name, workflowInterceptorModules]));
  const sources = [...files.toSorted().map((file) => path.join(root, file)), ...moreInterceptors];
  for (const source of sources)
    hash
      .update(source)
      .update('\0')
      .update(await readFile(source))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}
