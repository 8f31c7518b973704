import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Lock {
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * Takes an exclusive lock on `path`, or answers undefined when another process has it.
 *
 * The lock is the operating system's own file lock, reached through SQLite: the kernel drops it the moment its
 * process ends, however it ends. A file with a process id inside would need a staleness rule, and every such rule
 * has a moment in which two waiters both believe they removed the dead one.
 */
export function tryLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  let held = true;
  return {
    release() {
      if (held) database.close();
      held = false;
    },
  };
}

/** Waits for the lock; `onWait` is called at every attempt that found it taken. */
export async function waitForLock(path: string, onWait: () => void): Promise<Lock> {
  for (;;) {
    const lock = tryLock(path);
    if (lock !== undefined) return lock;
    onWait();
    await sleep(200);
  }
}
