import { randomUUID } from 'node:crypto';
import type { Broker, DeliveredRecord, TopicPartition } from '../kafka/broker.ts';
import { withDeadline } from '../patience.ts';

/** Nobody reads that much at once: it cannot succeed later either. */
export class WindowTooLarge extends Error {}

/** Offsets from `startOffset` up to, not including, `endOffset`. */
export type OffsetWindow = TopicPartition & { startOffset: bigint; endOffset: bigint };

/**
 * Reads past windows of partitions with a member of a passing group, and answers the records ordered by time, then place.
 * Fails at the deadline, or with `WindowTooLarge` when the window holds more than `recordCountMax`.
 */
export async function readWindow(
  broker: Broker,
  windows: readonly OffsetWindow[],
  limits: { deadlineMs: number; recordCountMax: number },
): Promise<DeliveredRecord[]> {
  const open = new Map(windows.filter(isOpen).map((window) => [place(window), window]));
  const recordCount = [...open.values()].reduce(
    (sum, { startOffset, endOffset }) => sum + endOffset - startOffset,
    0n,
  );
  if (recordCount > limits.recordCountMax)
    throw new WindowTooLarge(`${recordCount} records are more than ${limits.recordCountMax}`);
  if (open.size === 0) return [];
  const records: DeliveredRecord[] = [];
  const complete = Promise.withResolvers<void>();
  const reading = broker.join({
    group: `window-${randomUUID()}`,
    topics: [...new Set([...open.values()].map(({ topic }) => topic))],
    from: 'latest',
    onAssigned: () => {},
    onRebalancing: () => {},
    onRecords(batch) {
      for (const record of batch) {
        const window = open.get(place(record));
        if (window === undefined || record.offset < window.startOffset) continue;
        if (record.offset < window.endOffset) records.push(record);
        if (record.offset >= window.endOffset - 1n) open.delete(place(record));
      }
      if (open.size === 0) complete.resolve();
    },
    onEnded: complete.reject,
  });
  try {
    const member = await withDeadline(reading, limits.deadlineMs, 'the group coordinator');
    for (const window of open.values()) member.seek(window, window.startOffset);
    await withDeadline(complete.promise, limits.deadlineMs, 'the window');
  } finally {
    void reading.then((member) => member.stop()).catch(() => {});
  }
  return records.toSorted((a, b) => a.timestampMs - b.timestampMs || byPlace(a, b));
}

const isOpen = ({ startOffset, endOffset }: OffsetWindow): boolean => startOffset < endOffset;
const place = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

const byPlace = (a: DeliveredRecord, b: DeliveredRecord): number =>
  a.topic.localeCompare(b.topic) || a.partition - b.partition || Number(a.offset - b.offset);
