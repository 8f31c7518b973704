import type { Broker, DeliveredRecord, TopicPartition } from '../kafka/broker.ts';
import type { Wish } from './roster.ts';

export type CatchUpLane = {
  broker: Broker;
  signal: AbortSignal;
  place: TopicPartition;
  patiently<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Where the subscription had read to when it last left, or when a process that read for it died. */
  markOf(subscriptionId: string): bigint | undefined;
  isWanted(subscriptionId: string): boolean;
  /** Queues what it wants of these records, and marks how far it has come. */
  queueUpTo(subscriptionId: string, records: readonly DeliveredRecord[], nextOffset: bigint): Promise<void>;
  /** Holds back what comes for it from now on; answers from which offset on. */
  hold(wish: Wish, cursor: bigint): Promise<bigint>;
  /** Queues what was held back and follows from there; false when too much has come meanwhile. */
  follow(subscriptionId: string): Promise<boolean>;
};

/**
 * Brings a subscription that is new, or was paused or full, to where everybody is, from Kafka and beside the others, who do
 * not wait for it: what comes meanwhile is held, and queued behind what was read. Ends early when it is not wanted any more;
 * the mark tells the next time where to go on.
 */
export async function catchUp(lane: CatchUpLane, wish: Wish): Promise<void> {
  const { subscriptionId } = wish;
  let cursor = lane.markOf(subscriptionId) ?? (await startOf(lane, wish));
  while (!lane.signal.aborted && lane.isWanted(subscriptionId)) {
    const end = await lane.hold(wish, cursor);
    if (cursor < end) {
      await readWindow(lane, subscriptionId, cursor, end);
      if (!lane.isWanted(subscriptionId)) return;
      cursor = end;
    }
    if (await lane.follow(subscriptionId)) return;
  }
}

/** The first record at or after its start, by the broker's clock. */
function startOf(lane: CatchUpLane, { startsAt }: Wish): Promise<bigint> {
  const { broker, place } = lane;
  return lane.patiently('find the start', async () => {
    const offsets = await broker.admin.offsetsAt(place.topic, startsAt.getTime());
    const found = offsets.find(({ partition }) => partition === place.partition);
    if (found === undefined) throw new Error(`Kafka knows no ${place.topic}/${place.partition}`);
    return found.offset;
  });
}

async function readWindow(
  lane: CatchUpLane,
  subscriptionId: string,
  from: bigint,
  end: bigint,
): Promise<void> {
  const { broker, place } = lane;
  let next = from;
  const stop = new AbortController();
  const signal = AbortSignal.any([lane.signal, stop.signal]);
  await lane.patiently('read the past', async () => {
    if (stop.signal.aborted) return;
    await broker
      .readFrom({
        partitions: [{ ...place, offset: next, endOffset: end }],
        signal,
        async onRecords(records) {
          const fresh = records.filter(({ offset }) => offset >= next);
          const last = fresh.at(-1);
          if (last === undefined) return;
          await lane.queueUpTo(subscriptionId, fresh, last.offset + 1n);
          next = last.offset + 1n;
          if (!lane.isWanted(subscriptionId)) stop.abort();
        },
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
  });
  // what retention took, or a transaction's marker, is no record
  if (!stop.signal.aborted) await lane.queueUpTo(subscriptionId, [], end);
}
