import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { readDeadLetterLevels } from '../store/dead-letters/reads.ts';
import type { Running } from './handler.ts';

const everyMs = 5_000;

/** How many letters wait and how many keys stand still behind them, for alerts. */
export function startDeadLetterGauges({ db, metrics }: { db: Db; metrics: Metrics }): Running {
  async function look(): Promise<void> {
    const levels = await readDeadLetterLevels(db);
    // a group that has none left is not in the answer
    metrics.deadLettersWaiting.reset();
    metrics.parkedKeys.reset();
    for (const { group, topic, waitingCount, parkedKeyCount } of levels) {
      metrics.deadLettersWaiting.set({ group, topic }, waitingCount);
      metrics.parkedKeys.set({ group, topic }, parkedKeyCount);
    }
  }
  const timer = setInterval(() => void look().catch(() => {}), everyMs);
  return {
    stop() {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}
