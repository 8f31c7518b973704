import type { DeliveredRecord } from '../kafka/broker.ts';

/**
 * Which of a partition's events are done. What is done counts for the offset only up to the first event that is not.
 */
export type OffsetWindow = {
  /** Notes an event in the order it was read; answers how to say that it is done. */
  open(record: DeliveredRecord): () => void;
  /** The offset up to which everything is done, when it has grown since this was last asked. */
  takeNextOffset(): bigint | undefined;
  /** The commit of what `takeNextOffset` answered failed. */
  restore(): void;
  /** Events read and not done, and those behind them. */
  readonly pendingCount: number;
  readonly pendingBytes: number;
  readonly oldestPendingTimestampMs: number | undefined;
  /** The newest event that was read: when it was written, and when it was read by `performance.now()`. */
  readonly newest: { timestampMs: number; readAtMs: number } | undefined;
  readonly nextOffset: bigint | undefined;
};

type Place = { offset: bigint; timestampMs: number; bytes: number; isDone: boolean };

export function createOffsetWindow(): OffsetWindow {
  const places: Place[] = [];
  let pendingBytes = 0;
  let nextOffset: bigint | undefined;
  let takenOffset: bigint | undefined;
  let newest: OffsetWindow['newest'];

  function advance(): void {
    let doneCount = 0;
    for (let head = places[0]; head?.isDone === true; head = places[doneCount]) {
      nextOffset = head.offset + 1n;
      pendingBytes -= head.bytes;
      doneCount += 1;
    }
    if (doneCount > 0) places.splice(0, doneCount);
  }

  return {
    open({ offset, timestampMs, key, value }) {
      const bytes = (key?.length ?? 0) + (value?.length ?? 0);
      const place = { offset, timestampMs, bytes, isDone: false };
      places.push(place);
      pendingBytes += bytes;
      newest = { timestampMs, readAtMs: performance.now() };
      return () => void (place.isDone = true);
    },
    takeNextOffset() {
      advance();
      if (nextOffset === takenOffset) return undefined;
      takenOffset = nextOffset;
      return nextOffset;
    },
    restore: () => void (takenOffset = undefined),
    get pendingCount() {
      advance();
      return places.length;
    },
    get pendingBytes() {
      advance();
      return pendingBytes;
    },
    get oldestPendingTimestampMs() {
      advance();
      return places[0]?.timestampMs;
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
