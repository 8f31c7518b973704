import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { readOutboxLevel } from '../store/outbox/reads.ts';

/** The relay says the same more often; this goes on where none runs, or where one waits for Kafka before it starts. */
export async function setOutboxGauges(db: Db, metrics: Metrics): Promise<void> {
  const { rowCount, oldestAgeMs } = await readOutboxLevel(db);
  metrics.outboxRows.set(rowCount);
  metrics.outboxOldest.set(oldestAgeMs / 1_000);
}
