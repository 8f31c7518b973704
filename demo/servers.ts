import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_STACK_DIR } from '../stack/environment.ts';
import { startStack } from '../stack/launcher.ts';
import { tryLock } from '../stack/lock.ts';
import { progressLine } from '../stack/progress.ts';
import { ownerLockPath } from '../stack/state.ts';
import { SERVICE_NAMES } from '../stack/types.ts';
import type { Progress, Stack } from '../stack/types.ts';
import type { Output } from './output.ts';

export type Servers = { readonly stack: Stack; readonly dir: string };
export type OnClose = (close: () => Promise<void>) => void;

/**
 * The demo's servers: those the environment names, else its own on free ports with empty data, so that it can run beside
 * `npm run stack`, the tests and another demo.
 */
export async function startServers(output: Output, onClose: OnClose): Promise<Servers> {
  const dir = freeDir();
  const stack = await startStack({ dir, ports: 'free', fresh: true, onProgress: progressTo(output) });
  onClose(async () => {
    await stack.stop();
    if (dir.endsWith(String(process.pid))) await rm(dir, { recursive: true, force: true });
  });
  for (const service of SERVICE_NAMES) {
    const { rung, version, detail } = stack.rungs[service];
    output.line(`  ${service.padEnd(10)} ${version} (${rung}: ${detail})`);
  }
  return { stack, dir };
}

/** `.stack/demo`, unless another demo's launcher holds it. */
function freeDir(): string {
  const dir = join(DEFAULT_STACK_DIR, 'demo');
  const lock = tryLock(ownerLockPath(dir));
  lock?.release();
  return lock === undefined ? `${dir}-${process.pid}` : dir;
}

/** Three lines that change on a terminal, a line per step elsewhere: a cold start builds for minutes and must show it. */
function progressTo(output: Output): (progress: Progress) => void {
  const latest = new Map<string, Progress>();
  return (progress) => {
    latest.set(progress.service, progress);
    if (!output.isTerminal) return output.line(`  ${progressLine(progress)}`);
    output.draw(
      SERVICE_NAMES.flatMap((service) => latest.get(service) ?? []).map((one) => `  ${progressLine(one)}`),
    );
  };
}
