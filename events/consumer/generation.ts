import type { DeliveredRecord, GroupMember, TopicPartition } from '../kafka/broker.ts';
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
  /** More than this is not read ahead of a partition. */
  readonly pendingCountMax: number;
  /** There is so much to begin with that reading on can wait. */
  readonly hasPlenty: boolean;
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
  /** `settle` failed, which it never should: what it had at hand is not done until it is read again. */
  onBroken(error: unknown): void;
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
  let isBeginning = false;
  let nextLanes = 0;

  /** Another partition comes first each time, so that none waits behind a busier one. */
  function takeBatch(): readonly Entry[] {
    const batch = { entries: [], roomCount: options.batchCountMax, roomBytes: batchBytesMax };
    for (let n = 0; n < lanes.length; n += 1) lanes[(nextLanes + n) % lanes.length]?.takeInto(batch);
    nextLanes += 1;
    return batch.entries;
  }

  function beginNext(): boolean {
    if (!isReady || abort.signal.aborted || !options.mayBegin()) return false;
    const entries = takeBatch();
    if (entries.length === 0) return false;
    const run = settle(entries, abort.signal)
      .catch(options.onBroken)
      .finally(() => atHand.delete(run));
    atHand.add(run);
    return true;
  }

  /** What is settled at once calls this again from within: the loop goes on for it, or the stack would grow with each. */
  function begin(): void {
    if (isBeginning) return;
    isBeginning = true;
    try {
      while (beginNext());
    } finally {
      isBeginning = false;
    }
  }

  void ready.then(() => {
    isReady = true;
    begin();
  });
  return {
    partitions: lanes,
    endOffsets,
    pendingCountMax: Math.max(partitionPendingCount, Math.ceil(memberPendingCount / lanes.length)),
    get hasPlenty() {
      return lanes.reduce((sum, { readyCount }) => sum + readyCount, 0) >= plentyCount;
    },
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

/** What is begun while the next fetch is under way, several times over; more only gives the garbage collector work. */
const plentyCount = 3_000;
const partitionPendingCount = 1_000;
/** So that large events do not fill the memory. */
const partitionPendingBytes = 8_388_608;
/** kafkajs looks again only after its fetch wait once all partitions were paused: what is at hand has to last for it. */
const memberPendingCount = 16_000;

export const isFarBehind = ({ pendingCountMax }: Generation, { offsets }: PartitionLanes): boolean =>
  offsets.pendingCount >= pendingCountMax || offsets.pendingBytes >= partitionPendingBytes;

const hasCaughtUp = ({ pendingCountMax }: Generation, { offsets }: PartitionLanes): boolean =>
  offsets.pendingCount * 2 <= pendingCountMax && offsets.pendingBytes * 2 <= partitionPendingBytes;

/** A partition that is far behind is not fetched until its lanes have caught up. */
export function createBrake() {
  const paused = new Set<PartitionLanes>();
  return {
    apply(member: GroupMember, generation: Generation): void {
      for (const lanes of generation.partitions) {
        const { topic, partition } = lanes;
        if (!paused.has(lanes)) {
          if (!isFarBehind(generation, lanes)) continue;
          paused.add(lanes);
          member.pause({ topic, partition });
        } else if (hasCaughtUp(generation, lanes)) {
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
