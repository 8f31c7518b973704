import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitForLock } from './lock.ts';
import type { Reporter } from './progress.ts';

export interface Artifact {
  /** Component and version: the folder's name in the cache. */
  readonly name: string;
  /** Everything else that decides the content (a pom, a go.sum): another recipe is another artifact. */
  readonly recipe: string;
  /** Fills an empty folder. */
  build(dir: string): Promise<void>;
  /** Optional extras that must know their final path. A kill in here loses them, so nothing may depend on them. */
  speedUp?(dir: string): Promise<void>;
}

/**
 * The folder of a built artifact, built now when it is missing.
 *
 * It is built in a folder beside it and renamed into place, so it exists whole or not at all. Of several processes
 * one builds and the others wait; when the builder is killed the kernel drops its lock and a waiter takes over.
 */
export async function ensureArtifact(root: string, artifact: Artifact, reporter: Reporter): Promise<string> {
  const recipeHash = createHash('sha256').update(artifact.recipe).digest('hex').slice(0, 8);
  const name = `${artifact.name}-${recipeHash}`;
  const target = join(root, name);
  if (existsSync(target)) return target;

  await mkdir(root, { recursive: true });
  const lock = await waitForLock(join(root, `${name}.lock`), () =>
    reporter.report('waiting', `another process builds ${artifact.name}`),
  );
  try {
    if (existsSync(target)) return target;
    await removeLeftovers(root, name);
    const building = await mkdtemp(join(root, `${name}.building-`));
    await artifact.build(building);
    await rename(building, target);
    await artifact.speedUp?.(target);
    return target;
  } finally {
    lock.release();
  }
}

/** What killed builders left behind; we hold the lock, so nobody is at work in them. */
async function removeLeftovers(root: string, name: string): Promise<void> {
  for (const entry of await readdir(root)) {
    if (entry.startsWith(`${name}.building-`)) await rm(join(root, entry), { recursive: true, force: true });
  }
}
