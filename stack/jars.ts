import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTALL, requireProgram, runBuild } from './build.ts';
import { cacheRoot } from './environment.ts';
import { ensureArtifact } from './cache.ts';
import type { Reporter } from './progress.ts';

export interface Jars {
  /** Folder with a `pom.xml` that lists the dependencies. */
  readonly pomDir: string;
  readonly name: string;
  /** Adds what else belongs to the artifact, beside `lib/`. */
  finish?(dir: string): Promise<void>;
  /** See `Artifact.speedUp`. */
  speedUp?(dir: string): Promise<void>;
  /** What `finish` writes, so that a change makes another artifact. */
  readonly finishRecipe?: string;
}

/** A cached folder whose `lib/` holds the jars of a pom and all they depend on, as resolved by Maven. */
export async function ensureJars(jars: Jars, reporter: Reporter): Promise<string> {
  const pom = await readFile(join(jars.pomDir, 'pom.xml'), 'utf8');
  return await ensureArtifact(
    cacheRoot(),
    {
      name: jars.name,
      recipe: pom + (jars.finishRecipe ?? ''),
      async build(dir) {
        const mvn = requireProgram('mvn', `to fetch the jars of ${jars.name}`, INSTALL.mvn);
        reporter.report('building', `fetching the jars of ${jars.name} with Maven`);
        // Maven writes a target folder beside the pom; the checkout stays as it is.
        await copyFile(join(jars.pomDir, 'pom.xml'), join(dir, 'pom.xml'));
        await runBuild({
          file: mvn,
          args: [
            '--batch-mode',
            '--no-transfer-progress',
            'dependency:copy-dependencies',
            '-DincludeScope=runtime',
            `-DoutputDirectory=${join(dir, 'lib')}`,
          ],
          cwd: dir,
        });
        await jars.finish?.(dir);
      },
      speedUp: async (dir) => await jars.speedUp?.(dir),
    },
    reporter,
  );
}
