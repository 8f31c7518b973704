import { ensureTopics } from '../events/kafka/admin.ts';
import type { Broker } from '../events/kafka/broker.ts';
import { backoffMs, sleep } from '../events/patience.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';

const baseMs = 500;
const maxMs = 10_000;

/** Creates the topics that are missing as soon as Kafka answers; start order does not matter. */
export async function waitForTopics(
  broker: Broker,
  config: Config,
  log: Log,
  stop: AbortSignal,
): Promise<void> {
  for (let attempt = 1; !stop.aborted; attempt += 1) {
    try {
      const created = await ensureTopics(broker, { replicationCount: config.KAFKA_REPLICATION_COUNT });
      if (created.length > 0) log.info({ created }, 'topics created');
      return;
    } catch (error) {
      if (attempt === 1) log.warn({ err: error }, 'waiting for Kafka');
      await sleep(backoffMs(attempt, baseMs, maxMs), stop);
    }
  }
}
