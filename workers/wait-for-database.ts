import { failureKind } from '../events/consumer/failures.ts';
import { backoffMs, sleep } from '../events/patience.ts';
import type { Log } from '../platform/log.ts';

const baseMs = 250;
const maxMs = 5_000;

/**
 * Does the first work on the database as soon as PostgreSQL answers; start order does not matter. What a server that
 * answers says is final: a wrong environment or a missing migration ends the start.
 */
export async function waitForDatabase<T>(
  work: () => Promise<T>,
  { log, stopping }: { log: Log; stopping: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    stopping.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (failureKind(error) !== 'fault') throw error;
      if (attempt === 1) log.warn({ err: error }, 'waiting for PostgreSQL');
      await sleep(backoffMs(attempt, baseMs, maxMs), stopping);
    }
  }
}
