import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { readDeadLetterLevels } from '../../store/dead-letters/reads.ts';
import type { Running } from '../consumer/handler.ts';

const everyMs = 5_000;

/** How many letters wait, how many keys stand still behind them and since when, for alerts. */
export function startDeadLetterGauges({ db, metrics }: { db: Db; metrics: Metrics }): Running {
  async function look(): Promise<void> {
    const levels = await readDeadLetterLevels(db);
    // a group that has none left is not in the answer
    metrics.deadLettersWaiting.reset();
    metrics.parkedKeys.reset();
    metrics.parkedKeyOldest.reset();
    for (const { group, topic, waitingCount, parkedKeyCount, oldestParkedSeconds } of levels) {
      metrics.deadLettersWaiting.set({ group, topic }, waitingCount);
      metrics.parkedKeys.set({ group, topic }, parkedKeyCount);
      metrics.parkedKeyOldest.set({ group, topic }, oldestParkedSeconds);
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
