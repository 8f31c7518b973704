import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from '../lock.ts';
import { ownerLockPath, readState } from '../state.ts';

/** A server gets ten seconds to end before it is killed, Docker thirty. */
const DOWN_TIMEOUT_MS = 40_000;

/** Asks the launcher that owns the folder to stop, and waits until it has. */
export async function down(dir: string): Promise<number> {
  const state = await readState(dir);
  if (state === undefined || !isOwned(dir)) {
    console.log(`Nothing runs in ${dir}.`);
    return 0;
  }
  process.kill(state.launcherPid, 'SIGTERM');
  const deadlineMs = performance.now() + DOWN_TIMEOUT_MS;
  while (isOwned(dir)) {
    if (performance.now() > deadlineMs) {
      console.error(
        `Process ${state.launcherPid} does not stop; \`kill -9 ${state.launcherPid}\` ends it and its servers.`,
      );
      return 1;
    }
    await sleep(100);
  }
  console.log('stopped');
  return 0;
}

/** True while a launcher, in whatever process, owns this folder. */
function isOwned(dir: string): boolean {
  if (!existsSync(dir)) return false;
  const lock = tryLock(ownerLockPath(dir));
  lock?.release();
  return lock === undefined;
}
