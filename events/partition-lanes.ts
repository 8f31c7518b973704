import type { DeliveredRecord } from './broker.ts';

/**
 * One assigned partition: a lane per key, each handling its events one after another while other lanes go on, also when
 * the lane's next event comes with a later fetch. What is done counts for the offset only up to the first event that is
 * not.
 */
export type PartitionLanes = {
  readonly topic: string;
  readonly partition: number;
  add(records: readonly DeliveredRecord[]): void;
  /** The offset up to which everything is done, when it has grown since `committed` was last told. */
  takeNextOffset(): bigint | undefined;
  /** The commit of what `takeNextOffset` answered failed. */
  restore(): void;
  /** Events read and not done. */
  readonly pendingCount: number;
  readonly oldestPendingTimestampMs: number | undefined;
  readonly nextOffset: bigint | undefined;
};

type Entry = { offset: bigint; timestampMs: number; done: boolean };

export type LaneOptions = {
  topic: string;
  partition: number;
  signal: AbortSignal;
  /** Resolves when the event is done with; not called after the signal fired. False means it is not done (aborted). */
  settle(record: DeliveredRecord): Promise<boolean>;
  /** Something is done: the offset may have grown. */
  onProgress(): void;
};

export function createPartitionLanes(options: LaneOptions): PartitionLanes {
  const lanes = new Map<string, { record: DeliveredRecord; entry: Entry }[]>();
  const window: Entry[] = [];
  let nextOffset: bigint | undefined;
  let takenOffset: bigint | undefined;
  let dirty = false;

  function done(entry: Entry): void {
    entry.done = true;
    while (window[0]?.done === true) {
      nextOffset = window[0].offset + 1n;
      window.shift();
    }
    dirty = nextOffset !== takenOffset;
    options.onProgress();
  }

  async function runLane(key: string, queue: { record: DeliveredRecord; entry: Entry }[]): Promise<void> {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (options.signal.aborted || !(await options.settle(next.record))) break;
      queue.shift();
      done(next.entry);
    }
    lanes.delete(key);
  }

  return {
    topic: options.topic,
    partition: options.partition,
    add(records) {
      for (const record of records) {
        const entry = { offset: record.offset, timestampMs: record.timestampMs, done: false };
        window.push(entry);
        // without a key nothing is in order with anything
        const key = record.key?.toString('latin1') ?? `\0${record.offset}`;
        const lane = lanes.get(key);
        if (lane !== undefined) {
          lane.push({ record, entry });
          continue;
        }
        const queue = [{ record, entry }];
        lanes.set(key, queue);
        void runLane(key, queue);
      }
    },
    takeNextOffset() {
      if (!dirty) return undefined;
      dirty = false;
      takenOffset = nextOffset;
      return nextOffset;
    },
    restore() {
      dirty = true;
    },
    get pendingCount() {
      return window.length;
    },
    get oldestPendingTimestampMs() {
      return window[0]?.timestampMs;
    },
    get nextOffset() {
      return nextOffset;
    },
  };
}
