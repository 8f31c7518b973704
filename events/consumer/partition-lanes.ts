import type { DeliveredRecord } from '../kafka/broker.ts';
import { createOffsetWindow } from './offset-window.ts';
import type { OffsetWindow } from './offset-window.ts';

/**
 * One assigned partition: a lane per key, whose events are taken in order while other lanes go on, also when the lane's
 * next event comes with a later fetch.
 */
export type PartitionLanes = {
  readonly topic: string;
  readonly partition: number;
  readonly offsets: OffsetWindow;
  /** Events that `takeInto` would take now. */
  readonly readyCount: number;
  /** Those that `isOurs` refuses are done with at once. */
  add(records: readonly DeliveredRecord[], isOurs: (record: DeliveredRecord) => boolean): void;
  /**
   * Moves what may be handled now into `batch` while it has room: the heads of the lanes of which nothing is at hand,
   * several events of a lane in order. Their lanes rest until all that was taken is done.
   */
  takeInto(batch: Batch): void;
};

/** One event at hand; `done` frees its lane and lets the offset pass. */
export type Entry = { readonly record: DeliveredRecord; readonly lane: Lane; done(): void };
type Lane = { readonly key: string; waiting: Entry[]; atHandCount: number };
type Batch = { readonly entries: Entry[]; roomCount: number; roomBytes: number };

export function createPartitionLanes(topic: string, partition: number): PartitionLanes {
  const lanes = new Map<string, Lane>();
  /** Lanes that have events waiting and none at hand. */
  const runnable = new Set<Lane>();
  const offsets = createOffsetWindow();
  let readyCount = 0;

  function queue(record: DeliveredRecord, close: () => void): void {
    // without a key nothing is in order with anything
    const key = record.key?.toString('latin1') ?? `\0${record.offset}`;
    const lane = lanes.get(key) ?? { key, waiting: [], atHandCount: 0 };
    lanes.set(key, lane);
    let isDone = false;
    const done = () => {
      if (isDone) return;
      isDone = true;
      close();
      lane.atHandCount -= 1;
      if (lane.atHandCount > 0) return;
      if (lane.waiting.length > 0) runnable.add(lane);
      else lanes.delete(key);
      readyCount += lane.waiting.length;
    };
    lane.waiting.push({ record, lane, done });
    if (lane.atHandCount > 0) return;
    runnable.add(lane);
    readyCount += 1;
  }

  return {
    topic,
    partition,
    offsets,
    get readyCount() {
      return readyCount;
    },
    add(records, isOurs) {
      for (const record of records) {
        const close = offsets.open(record);
        if (isOurs(record)) queue(record, close);
        else close();
      }
    },
    takeInto(batch) {
      for (const lane of runnable) {
        if (!hasRoom(batch)) return;
        runnable.delete(lane);
        readyCount -= lane.waiting.length;
        for (let entry = lane.waiting[0]; entry !== undefined && hasRoom(batch); entry = lane.waiting[0]) {
          lane.waiting.shift();
          lane.atHandCount += 1;
          batch.entries.push(entry);
          batch.roomCount -= 1;
          batch.roomBytes -= entry.record.value?.length ?? 0;
        }
      }
    },
  };
}

const hasRoom = ({ roomCount, roomBytes }: Batch): boolean => roomCount > 0 && roomBytes > 0;
