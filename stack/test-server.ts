import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureJars } from './jars.ts';
import { createReporter } from './progress.ts';
import type { OnProgress } from './types.ts';
import { VERSIONS } from './versions.ts';

const POM_DIR = join(import.meta.dirname, 'test-server');

/** `exec`, because the SDK ends the process it started: a shell in between would die and leave the server behind. */
const WRAPPER = `#!/bin/sh
home=$(dirname "$0")
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -cp "$home/lib/*" io.temporal.testserver.TestServer "$@"
`;

/**
 * Path of an executable that runs Temporal's time-skipping test server, built into the cache when it is missing.
 * For `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`.
 * Time skipping is global to the server: one environment per test file.
 */
export async function testServerPath(onProgress?: OnProgress): Promise<string> {
  const reporter = createReporter('test-server', onProgress);
  try {
    const dir = await ensureJars(
      {
        pomDir: POM_DIR,
        name: `test-server-${VERSIONS.testServer}`,
        finishRecipe: WRAPPER,
        async finish(folder) {
          await writeFile(join(folder, 'run'), WRAPPER);
          await chmod(join(folder, 'run'), 0o755);
        },
      },
      reporter,
    );
    return join(dir, 'run');
  } finally {
    reporter.end();
  }
}
