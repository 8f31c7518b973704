import type { DeliveredRecord, GroupMember, TopicPartition } from './broker.ts';
import { createPartitionLanes } from './partition-lanes.ts';
import type { Entry, PartitionLanes } from './partition-lanes.ts';

/**
 * What a member holds between two rebalances. When the group rebalances, a generation starts nothing more, finishes what
 * is at hand and commits that as long as the broker still takes it; a partition that comes back is read again from its
 * committed offset by the next generation, which begins when this one has ended.
 */
export type Generation = {
  readonly partitions: readonly PartitionLanes[];
  /** Where each partition ended when that was last asked, by `placeKey`. */
  readonly endOffsets: Map<string, bigint>;
  add(records: readonly DeliveredRecord[], endOffset: bigint): void;
  /** Handles what may be handled now; to be called when there is more of it or more room. */
  begin(): void;
  /** Starts nothing new. */
  end(): void;
  /** Resolves when nothing is at hand any more. */
  drained(): Promise<void>;
};

export type GenerationOptions = {
  assigned: readonly TopicPartition[];
  /** The previous generation's end. */
  ready: Promise<void>;
  /** Whether a record needs settling at all. */
  isOurs(record: DeliveredRecord): boolean;
  /** Whether a batch that is taken now would begin at once: those that wait grow meanwhile. */
  mayBegin(): boolean;
  batchCountMax: number;
  /** Takes its slot before it first waits, and calls `done` of each entry that is settled. */
  settle(entries: readonly Entry[], signal: AbortSignal): Promise<void>;
};

/** So that a batch of large events is not more than a transaction should hold. */
const batchBytesMax = 4_194_304;

export const placeKey = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export function startGeneration(options: GenerationOptions): Generation {
  const { assigned, ready, settle } = options;
  const abort = new AbortController();
  const atHand = new Set<Promise<unknown>>();
  const endOffsets = new Map<string, bigint>();
  const lanes = assigned.map(({ topic, partition }) => createPartitionLanes(topic, partition));
  const byPlace = new Map(lanes.map((partition) => [placeKey(partition), partition]));
  let isReady = false;
  let nextLanes = 0;

  /** Another partition comes first each time, so that none waits behind a busier one. */
  function takeBatch(): readonly Entry[] {
    const batch = { entries: [], roomCount: options.batchCountMax, roomBytes: batchBytesMax };
    for (let n = 0; n < lanes.length; n += 1) lanes[(nextLanes + n) % lanes.length]?.takeInto(batch);
    nextLanes += 1;
    return batch.entries;
  }

  function begin(): void {
    while (isReady && !abort.signal.aborted && options.mayBegin()) {
      const entries = takeBatch();
      if (entries.length === 0) return;
      const run = settle(entries, abort.signal).finally(() => atHand.delete(run));
      atHand.add(run);
    }
  }

  void ready.then(() => {
    isReady = true;
    begin();
  });
  return {
    partitions: lanes,
    endOffsets,
    add(records, endOffset) {
      const first = records[0];
      if (first === undefined || abort.signal.aborted) return;
      endOffsets.set(placeKey(first), endOffset);
      byPlace.get(placeKey(first))?.add(records, options.isOurs);
      begin();
    },
    begin,
    end: () => abort.abort(),
    async drained() {
      await ready;
      await Promise.allSettled(atHand);
    },
  };
}

const pausePendingCount = 1_000;
const resumePendingCount = 500;

export const isFarBehind = ({ offsets }: PartitionLanes): boolean =>
  offsets.pendingCount >= pausePendingCount;

/** A partition that is far behind is not fetched until its lanes have caught up. */
export function createBrake() {
  const paused = new Set<PartitionLanes>();
  return {
    apply(member: GroupMember, partitions: readonly PartitionLanes[]): void {
      for (const lanes of partitions) {
        const { topic, partition } = lanes;
        if (!paused.has(lanes)) {
          if (!isFarBehind(lanes)) continue;
          paused.add(lanes);
          member.pause({ topic, partition });
        } else if (lanes.offsets.pendingCount <= resumePendingCount) {
          paused.delete(lanes);
          member.resume({ topic, partition });
        }
      }
    },
    /** kafkajs keeps pauses across assignments; a new one begins without. */
    release(member: GroupMember | undefined): void {
      for (const { topic, partition } of paused) member?.resume({ topic, partition });
      paused.clear();
    },
  };
}
