import type { DeliveredRecord, GroupMember, TopicPartition } from './broker.ts';
import { createPartitionLanes } from './partition-lanes.ts';
import type { PartitionLanes } from './partition-lanes.ts';

/**
 * What a member holds between two rebalances. When the group rebalances, a generation starts nothing more, finishes what
 * is at hand and commits that as long as the broker still takes it; a partition that comes back is read again from its
 * committed offset by the next generation, which begins when this one has ended.
 */
export type Generation = {
  readonly partitions: readonly PartitionLanes[];
  readonly endOffsets: ReadonlyMap<string, bigint>;
  add(records: readonly DeliveredRecord[], endOffset: bigint): void;
  /** Starts nothing new. */
  end(): void;
  /** Resolves when nothing is at hand any more. */
  drained(): Promise<void>;
};

export type GenerationOptions = {
  assigned: readonly TopicPartition[];
  /** The previous generation's end. */
  ready: Promise<void>;
  settle(record: DeliveredRecord, signal: AbortSignal): Promise<boolean>;
  onProgress(): void;
};

export const placeKey = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export function startGeneration({ assigned, ready, settle, onProgress }: GenerationOptions): Generation {
  const abort = new AbortController();
  const atHand = new Set<Promise<unknown>>();
  const endOffsets = new Map<string, bigint>();

  async function settleTracked(record: DeliveredRecord): Promise<boolean> {
    await ready;
    if (abort.signal.aborted) return false;
    const run = settle(record, abort.signal);
    atHand.add(run);
    try {
      return await run;
    } finally {
      atHand.delete(run);
    }
  }

  const lanes = assigned.map(({ topic, partition }) =>
    createPartitionLanes({ topic, partition, signal: abort.signal, settle: settleTracked, onProgress }),
  );
  const byPlace = new Map(lanes.map((partition) => [placeKey(partition), partition]));
  return {
    partitions: lanes,
    endOffsets,
    add(records, endOffset) {
      const first = records[0];
      if (first === undefined || abort.signal.aborted) return;
      endOffsets.set(placeKey(first), endOffset);
      byPlace.get(placeKey(first))?.add(records);
    },
    end: () => abort.abort(),
    async drained() {
      await ready;
      await Promise.allSettled(atHand);
    },
  };
}

const pausePendingCount = 1_000;
const resumePendingCount = 500;

/** A partition that is far behind is not fetched until its lanes have caught up. */
export function createBrake() {
  const paused = new Map<string, TopicPartition>();
  return {
    apply(member: GroupMember, partitions: readonly PartitionLanes[]): void {
      for (const { topic, partition, pendingCount } of partitions) {
        const place = placeKey({ topic, partition });
        if (pendingCount >= pausePendingCount && !paused.has(place)) {
          paused.set(place, { topic, partition });
          member.pause({ topic, partition });
        } else if (pendingCount <= resumePendingCount && paused.delete(place))
          member.resume({ topic, partition });
      }
    },
    /** kafkajs keeps pauses across assignments; a new one begins without. */
    release(member: GroupMember | undefined): void {
      for (const { topic, partition } of paused.values()) member?.resume({ topic, partition });
      paused.clear();
    },
  };
}
