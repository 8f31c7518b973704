import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnKept } from './children.ts';
import { hostEnvironment } from './environment.ts';
import { ensureJars } from './jars.ts';
import { freePort } from './ports.ts';
import { probeGrpc } from './probe.ts';
import { createReporter } from './progress.ts';
import type { OnProgress } from './types.ts';
import { VERSIONS } from './versions.ts';

const POM_DIR = join(import.meta.dirname, 'test-server');

const JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

/** `exec`, because the SDK ends the process it started: a shell in between would die and leave the server behind. */
const WRAPPER = `#!/bin/sh
home=$(dirname "$0")
if [ -f "$home/classes.jsa" ]; then archive=-XX:SharedArchiveFile=$home/classes.jsa; else archive=-Xshare:auto; fi
exec java "\${LOOTLEDGER_JVM_OPTION:-$archive}" ${JVM.join(' ')} -cp "$home/lib/*" io.temporal.testserver.TestServer "$@"
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
        speedUp: async (folder) => await archiveClasses(folder).catch(() => undefined),
      },
      reporter,
    );
    return join(dir, 'run');
  } finally {
    reporter.end();
  }
}

/**
 * Runs the server once and lets the JVM write down the classes it loaded: later starts take half the time (0.5 s
 * instead of 1 s, and the SDK gives up after 5 s, which a busy machine can reach). The archive records the path of
 * the jars; a JVM that it does not fit ignores it.
 */
async function archiveClasses(dir: string): Promise<void> {
  const port = await freePort();
  const unfinished = join(dir, `classes.${process.pid}`);
  const server = await spawnKept(
    {
      file: join(dir, 'run'),
      args: [String(port)],
      env: { ...hostEnvironment(), LOOTLEDGER_JVM_OPTION: `-XX:ArchiveClassesAtExit=${unfinished}` },
      cwd: dir,
      stopSignal: 'TERM',
      stopGraceSeconds: 30,
    },
    '/dev/null',
  );
  const deadlineMs = performance.now() + 30_000;
  while (server.running && performance.now() < deadlineMs && !(await probeGrpc('127.0.0.1', port)))
    await sleep(100);
  await server.stop();
  await rename(unfinished, join(dir, 'classes.jsa'));
}
