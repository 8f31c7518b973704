import type { Metrics } from '../../platform/metrics.ts';
import type { Broker } from '../kafka/broker.ts';
import { isFarBehind, placeKey } from './generation.ts';
import type { Generation } from './generation.ts';
import type { PartitionLanes } from './partition-lanes.ts';

/** How far a partition is behind: events, and since when the oldest of them waits. */
type Lag = { count: number; sinceMs: number | undefined };

/** Fetches that brought nothing for so long: what the partition still has is no event (a transaction's end, say). */
const emptyMs = 2_000;

/**
 * What was read and not done is known. What Kafka has beyond that was written after the newest event that was read, so
 * that event's time is the earliest at which the oldest of it may have begun to wait.
 */
function lagOf(lanes: PartitionLanes, endOffset: bigint | undefined, fetchedAtMs: number): Lag {
  const { pendingCount, oldestPendingTimestampMs, nextOffset, newest } = lanes.offsets;
  if (newest === undefined || (pendingCount === 0 && fetchedAtMs - newest.readAtMs > emptyMs))
    return { count: 0, sinceMs: undefined };
  const beyond = endOffset === undefined || nextOffset === undefined ? 0 : Number(endOffset - nextOffset);
  const count = Math.max(pendingCount, beyond);
  return { count, sinceMs: count === 0 ? undefined : (oldestPendingTimestampMs ?? newest.timestampMs) };
}

/** Keeps the gauges of a group's topics; those of which this member has no partition have none. */
export function createLagGauges(
  { broker, metrics }: { broker: Broker; metrics: Metrics },
  group: string,
  topics: readonly string[],
) {
  let refreshing: Promise<void> | undefined;

  function remove(topic: string): void {
    metrics.consumerLag.remove({ topic, group });
    metrics.consumerLagSeconds.remove({ topic, group });
  }

  return {
    look(generation: Generation | undefined, fetchedAtMs: number): void {
      if (generation === undefined) return;
      refreshing ??= refreshEnds(broker, generation)
        .catch(() => {})
        .finally(() => (refreshing = undefined));
      const byTopic = Map.groupBy(generation.partitions, ({ topic }) => topic);
      for (const topic of topics) {
        const lags = byTopic
          .get(topic)
          ?.map((lanes) => lagOf(lanes, generation.endOffsets.get(placeKey(lanes)), fetchedAtMs));
        if (lags === undefined) remove(topic);
        else tell(metrics, { topic, group }, lags);
      }
    },
    remove: () => topics.forEach(remove),
  };
}

function tell(metrics: Metrics, labels: { topic: string; group: string }, lags: readonly Lag[]): void {
  const sinceMs = Math.min(...lags.map((lag) => lag.sinceMs ?? Infinity));
  metrics.consumerLag.set(
    labels,
    lags.reduce((sum, { count }) => sum + count, 0),
  );
  metrics.consumerLagSeconds.set(
    labels,
    Number.isFinite(sinceMs) ? Math.max(0, Date.now() - sinceMs) / 1_000 : 0,
  );
}

/** A partition that is paused is not fetched, and only a fetch tells where it ends. */
async function refreshEnds({ admin }: Broker, generation: Generation): Promise<void> {
  const paused = new Set(
    generation.partitions.filter((lanes) => isFarBehind(generation, lanes)).map(({ topic }) => topic),
  );
  for (const topic of paused)
    for (const { partition, endOffset } of await admin.partitionEnds(topic))
      generation.endOffsets.set(placeKey({ topic, partition }), endOffset);
}
