import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { logPath } from '../state.ts';
import { SERVICE_NAMES } from '../types.ts';

const LINES = '100';

/** Prints the end of one server's log, or of all. Servers in Docker share one. */
export async function logs(dir: string, service: string | undefined, follow: boolean): Promise<number> {
  const chosen = SERVICE_NAMES.filter((name) => service === undefined || name === service);
  if (chosen.length === 0) {
    console.error(`${service} is not a server; one of: ${SERVICE_NAMES.join(', ')}`);
    return 1;
  }
  const files = [...chosen.map((name) => logPath(dir, name)), join(dir, 'docker.log')].filter((path) =>
    existsSync(path),
  );
  if (files.length === 0) {
    console.error(`No logs in ${dir}.`);
    return 1;
  }
  const tail = spawn('tail', ['-n', LINES, ...(follow ? ['-F'] : []), ...files], { stdio: 'inherit' });
  return await new Promise((resolve) => tail.once('exit', (code) => resolve(code ?? 0)));
}
