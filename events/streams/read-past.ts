import { LootError } from '../../domain/errors.ts';
import type { Broker, DeliveredRecord } from '../kafka/broker.ts';
import { createSlots } from '../slots.ts';
import type { StreamPlace } from './place.ts';

const resumeWindowMs = 3_600_000;
const deadlineMs = 30_000;
const recordCountMax = 200_000n;
/** What a reader missed and is about to be told; more than it takes at once anyway. */
const heldCountMax = 20_000;
/** Each read joins a group of its own; of one reader's, one at a time. */
const readCountMax = 2;
/** Being read and waiting for it: of everybody, and of one reader. */
const resumingCountMax = 50;
const resumingPerReaderMax = 5;
const retryAfterMs = 5_000;
/** Partitions are read side by side: what one told before the reader's place, another may have told after it. */
const overlapMs = 2_000;

/** The reader is too far behind, and stays so: like events no longer kept, they are gone. */
export class TooFarBehind extends Error {}

export type PastReader = ReturnType<typeof createPastReader>;

/**
 * Reads what streams have told since a place; few at a time, and a reader with much to catch up holds nobody else up. Throws
 * at once `rate_limited` for a reader who is resuming as many streams as one may, and `overloaded` when everybody is.
 */
export function createPastReader(broker: Broker) {
  const slots = createSlots(readCountMax);
  const resuming = new Map<string, { count: number; lastTurn: Promise<unknown> }>();
  let resumingCount = 0;
  return <E>(reader: string, past: Past<E>): Promise<E[]> => {
    const own = resuming.get(reader) ?? { count: 0, lastTurn: Promise.resolve() };
    if (own.count >= resumingPerReaderMax)
      throw new LootError('rate_limited', `No more than ${resumingPerReaderMax} streams resume at once.`, {
        retryAfterMs,
      });
    if (resumingCount >= resumingCountMax)
      throw new LootError('overloaded', 'Too many streams are being resumed here.', { retryAfterMs });
    own.count += 1;
    resumingCount += 1;
    resuming.set(reader, own);
    const turn = own.lastTurn
      .then(() => slots.run(async () => (past.isWanted() ? readPast(broker, past) : [])))
      .finally(() => {
        own.count -= 1;
        resumingCount -= 1;
        if (own.count === 0) resuming.delete(reader);
      });
    own.lastTurn = turn.catch(() => {});
    return turn;
  };
}

export type Past<E> = {
  topics: readonly string[];
  since: StreamPlace;
  /** What a record tells this reader; undefined when nothing. Only that is kept in memory. */
  read(record: DeliveredRecord): Promise<E | undefined>;
  isWanted(): boolean;
};

/** Ordered by time, then place. */
async function readPast<E>(broker: Broker, { topics, since, read }: Past<E>): Promise<E[]> {
  const partitions = await windowOf(broker, topics, since);
  const recordCount = partitions.reduce((sum, { offset, endOffset }) => sum + endOffset - offset, 0n);
  if (recordCount > recordCountMax) throw new TooFarBehind(`${recordCount} records`);
  const held: { record: Order; event: E }[] = [];
  await broker.readFrom({
    partitions,
    signal: AbortSignal.timeout(deadlineMs),
    async onRecords(records) {
      for (const record of records) {
        const event = await read(record);
        if (event === undefined) continue;
        if (held.length === heldCountMax) throw new TooFarBehind(`more than ${heldCountMax} events`);
        const { timestampMs, topic, partition, offset } = record;
        held.push({ record: { timestampMs, topic, partition, offset }, event });
      }
    },
  });
  return held.toSorted((a, b) => inOrder(a.record, b.record)).map(({ event }) => event);
}

async function windowOf(broker: Broker, topics: readonly string[], since: StreamPlace) {
  const sinceMs = Math.max(since.timestampMs - overlapMs, Date.now() - resumeWindowMs);
  const windows = await Promise.all(
    topics.map(async (topic) => {
      const [starts, ends] = await Promise.all([
        broker.admin.offsetsAt(topic, sinceMs),
        broker.admin.partitionEnds(topic),
      ]);
      return starts.map(({ partition, offset }) => {
        const endOffset = ends.find((end) => end.partition === partition)?.endOffset ?? 0n;
        // a place beyond the end is one in a topic of that name that was deleted: its time still counts
        const isOwn = topic === since.topic && partition === since.partition && since.offset < endOffset;
        return { topic, partition, offset: isOwn ? max(offset, since.offset + 1n) : offset, endOffset };
      });
    }),
  );
  return windows.flat().filter(({ offset, endOffset }) => offset < endOffset);
}

type Order = Pick<DeliveredRecord, 'timestampMs' | 'topic' | 'partition' | 'offset'>;

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const inOrder = (a: Order, b: Order): number =>
  a.timestampMs - b.timestampMs ||
  a.topic.localeCompare(b.topic) ||
  a.partition - b.partition ||
  Number(a.offset - b.offset);
