import { parseOffsets, parseTime } from '../../domain/replays/parse-point.ts';
import type { BrokerAdmin, PartitionEnds } from '../kafka/broker.ts';

/** Where a group reads on, partition by partition; `fromOffset` null: it has read nothing yet. */
export type OffsetMove = { partition: number; fromOffset: bigint | null; toOffset: bigint };

/** Undefined when `to` is neither `earliest`, `latest`, a time, an offset nor offsets by partition. */
export async function planReset(
  admin: BrokerAdmin,
  { group, topic, to, nowMs }: { group: string; topic: string; to: string; nowMs: number },
): Promise<OffsetMove[] | undefined> {
  const ends = await admin.partitionEnds(topic);
  const wanted = await placesOf(admin, topic, ends, to, nowMs);
  if (wanted === undefined) return undefined;
  const held = new Map(
    (await admin.groupOffsets(group, topic)).map(({ partition, offset }) => [partition, offset]),
  );
  return ends.flatMap(({ partition, startOffset, endOffset }) => {
    const place = wanted.get(partition);
    if (place === undefined) return [];
    const toOffset = place < startOffset ? startOffset : place > endOffset ? endOffset : place;
    const from = held.get(partition) ?? -1n;
    const fromOffset = from < 0n ? null : from;
    return fromOffset === toOffset ? [] : [{ partition, fromOffset, toOffset }];
  });
}

async function placesOf(
  admin: BrokerAdmin,
  topic: string,
  ends: readonly PartitionEnds[],
  to: string,
  nowMs: number,
): Promise<ReadonlyMap<number, bigint> | undefined> {
  const each = (place: (end: PartitionEnds) => bigint) =>
    new Map(ends.map((end) => [end.partition, place(end)]));
  if (to === 'earliest') return each(({ startOffset }) => startOffset);
  if (to === 'latest') return each(({ endOffset }) => endOffset);
  if (/^\d{1,18}$/.test(to)) return each(() => BigInt(to));
  const offsets = parseOffsets(to);
  if (offsets !== undefined)
    return new Map(Object.entries(offsets).map(([partition, offset]) => [Number(partition), BigInt(offset)]));
  const timeMs = parseTime(to, nowMs);
  if (timeMs === undefined) return undefined;
  return new Map((await admin.offsetsAt(topic, timeMs)).map(({ partition, offset }) => [partition, offset]));
}
