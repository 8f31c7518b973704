import type { DeliveredRecord } from './broker.ts';

/**
 * One assigned partition: a lane per key, whose events are taken in order while other lanes go on, also when the lane's
 * next event comes with a later fetch. What is done counts for the offset only up to the first event that is not.
 */
export type PartitionLanes = {
  readonly topic: string;
  readonly partition: number;
  /** Those that `isOurs` refuses are done with at once. */
  add(records: readonly DeliveredRecord[], isOurs: (record: DeliveredRecord) => boolean): void;
  /**
   * Moves what may be handled now into `batch` while it has room: the heads of the lanes of which nothing is at hand,
   * several events of a lane in order. Their lanes rest until all that was taken is done.
   */
  takeInto(batch: Batch): void;
  /** The offset up to which everything is done, when it has grown since this was last asked. */
  takeNextOffset(): bigint | undefined;
  /** The commit of what `takeNextOffset` answered failed. */
  restore(): void;
  /** Events read and not done. */
  readonly pendingCount: number;
  readonly oldestPendingTimestampMs: number | undefined;
  /** The newest event that was read: when it was written, and when it was read by `performance.now()`. */
  readonly newest: { timestampMs: number; readAtMs: number } | undefined;
  readonly nextOffset: bigint | undefined;
};

/** One event at hand; `done` frees its lane and lets the offset pass. */
export type Entry = { readonly record: DeliveredRecord; readonly lane: Lane; done(): void };
export type Lane = { readonly key: string; waiting: Entry[]; atHandCount: number };
export type Batch = { readonly entries: Entry[]; roomCount: number; roomBytes: number };

type Place = { offset: bigint; timestampMs: number; isDone: boolean };

export function createPartitionLanes(topic: string, partition: number): PartitionLanes {
  const lanes = new Map<string, Lane>();
  /** Lanes that have events waiting and none at hand. */
  const runnable = new Set<Lane>();
  const window: Place[] = [];
  let nextOffset: bigint | undefined;
  let takenOffset: bigint | undefined;
  let newest: PartitionLanes['newest'];

  function advance(): void {
    let doneCount = 0;
    for (let head = window[0]; head?.isDone === true; head = window[doneCount]) {
      nextOffset = head.offset + 1n;
      doneCount += 1;
    }
    if (doneCount > 0) window.splice(0, doneCount);
  }

  function queue(record: DeliveredRecord, place: Place): void {
    // without a key nothing is in order with anything
    const key = record.key?.toString('latin1') ?? `\0${record.offset}`;
    const lane = lanes.get(key) ?? { key, waiting: [], atHandCount: 0 };
    lanes.set(key, lane);
    const done = () => {
      place.isDone = true;
      lane.atHandCount -= 1;
      if (lane.atHandCount > 0) return;
      if (lane.waiting.length > 0) runnable.add(lane);
      else lanes.delete(key);
    };
    lane.waiting.push({ record, lane, done });
    if (lane.atHandCount === 0) runnable.add(lane);
  }

  return {
    topic,
    partition,
    add(records, isOurs) {
      for (const record of records) {
        const ours = isOurs(record);
        const place = { offset: record.offset, timestampMs: record.timestampMs, isDone: !ours };
        window.push(place);
        if (ours) queue(record, place);
      }
      const last = records.at(-1);
      if (last !== undefined) newest = { timestampMs: last.timestampMs, readAtMs: performance.now() };
    },
    takeInto(batch) {
      for (const lane of runnable) {
        if (!hasRoom(batch)) return;
        runnable.delete(lane);
        for (let entry = lane.waiting[0]; entry !== undefined && hasRoom(batch); entry = lane.waiting[0]) {
          lane.waiting.shift();
          lane.atHandCount += 1;
          batch.entries.push(entry);
          batch.roomCount -= 1;
          batch.roomBytes -= entry.record.value?.length ?? 0;
        }
      }
    },
    takeNextOffset() {
      advance();
      if (nextOffset === takenOffset) return undefined;
      takenOffset = nextOffset;
      return nextOffset;
    },
    restore() {
      takenOffset = undefined;
    },
    get pendingCount() {
      advance();
      return window.length;
    },
    get oldestPendingTimestampMs() {
      advance();
      return window[0]?.timestampMs;
    },
    get newest() {
      return newest;
    },
    get nextOffset() {
      advance();
      return nextOffset;
    },
  };
}

const hasRoom = ({ roomCount, roomBytes }: Batch): boolean => roomCount > 0 && roomBytes > 0;
