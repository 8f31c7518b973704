import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * `npm run record-histories`: runs the workflow suites and keeps the history of every branch they name, for
 * `test/replay/replay.test.ts`. Needed after a change that old histories do not have to survive, and for new branches; a
 * change that running stories must survive belongs behind `patched()` and leaves the old histories alone.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const suites = ['run', '--project', 'workflows', '--mode', 'record', 'test/workflows'];
const child = spawn('npx', ['vitest', ...suites], { cwd: root, stdio: 'inherit' });
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
  void readdir(`${root}test/replay/histories`).then((files) =>
    console.log(`${files.length} histories are kept`),
  );
});
