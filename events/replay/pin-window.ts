import type { ReplayWindow, WindowPoint } from '../../domain/replays/types.ts';
import type { PinnedPartition } from '../../store/replays/pin-replay.ts';
import type { BrokerAdmin, PartitionEnds } from '../kafka/broker.ts';
import { ReplayBroken } from './types.ts';

/**
 * A window as offsets per partition, as Kafka holds it now: what is written from here on is not part of it. Says where the
 * window begins before what the topic still has. Throws ReplayBroken when all of it is gone, or a partition is unknown.
 */
export async function pinWindow(
  admin: BrokerAdmin,
  topic: string,
  { from, to }: ReplayWindow,
): Promise<{ partitions: PinnedPartition[]; warnings: string[] }> {
  const ends = await admin.partitionEnds(topic);
  const [starts, stops] = [await placesOf(admin, topic, from, ends), await placesOf(admin, topic, to, ends)];
  const partitions: PinnedPartition[] = [];
  const warnings: string[] = [];
  let goneCount = 0n;
  for (const { partition, startOffset: oldest, endOffset: end } of ends) {
    const [start, stop] = [starts.get(partition), stops.get(partition)];
    if (start === undefined || stop === undefined) continue;
    if ('offsets' in from && start < oldest) {
      const gone = (stop < oldest ? stop : oldest) - start;
      goneCount += gone;
      warnings.push(`partition ${partition}: ${gone} offsets before ${oldest} are gone from the topic`);
    } else if ('time' in from && start <= oldest && oldest > 0n) {
      warnings.push(
        `partition ${partition}: the topic keeps nothing before offset ${oldest}; what may have been there is gone`,
      );
    }
    const startOffset = clamp(start, oldest, end);
    partitions.push({ partition, startOffset, endOffset: clamp(stop, startOffset, end) });
  }
  if (goneCount > 0n && partitions.every(({ startOffset, endOffset }) => startOffset === endOffset))
    throw new ReplayBroken(`the window has fallen out of what ${topic} keeps: ${warnings.join('; ')}`);
  return { partitions, warnings };
}

async function placesOf(
  admin: BrokerAdmin,
  topic: string,
  point: WindowPoint,
  ends: readonly PartitionEnds[],
): Promise<ReadonlyMap<number, bigint>> {
  if ('time' in point) {
    const offsets = await admin.offsetsAt(topic, Date.parse(point.time));
    return new Map(offsets.map(({ partition, offset }) => [partition, offset]));
  }
  const known = new Set(ends.map(({ partition }) => partition));
  const places = Object.entries(point.offsets).map(
    ([name, offset]) => [Number(name), BigInt(offset)] as const,
  );
  const unknown = places.find(([partition]) => !known.has(partition));
  if (unknown !== undefined) throw new ReplayBroken(`${topic} has no partition ${unknown[0]}`);
  return new Map(places);
}

const clamp = (value: bigint, least: bigint, most: bigint): bigint =>
  value < least ? least : value > most ? most : value;
