import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { BrokerAdmin, ReadFromOptions } from '../kafka/broker.ts';
import { toDeliveredRecords, topicNames } from './records.ts';
import type { TopicNames } from './records.ts';
import { withDeadline } from '../patience.ts';

const heartbeatMs = 1_500;
const fetchWaitMs = 500;
const silenceMsMax = 60_000;
const stopDeadlineMs = 10_000;

/** One partition's window: what was handed over, and what of that is still being handled. */
type Lane = { topic: string; partition: number; next: bigint; end: bigint; handling: Promise<void> };
type Lanes = Map<string, Lane>;
type Reading = {
  consumer: Consumer;
  names: TopicNames;
  lanes: Lanes;
  onRecords: ReadFromOptions['onRecords'];
  ended: PromiseWithResolvers<void>;
  /** When Kafka last answered, or a handler was last waited for. */
  heardAtMs: number;
  isOver: boolean;
};

/** A consumer alone in a group of its own: kafkajs reads in no other way. */
export async function readKafkajsFrom(
  { kafka, prefix, admin }: { kafka: Kafka; prefix: string; admin: BrokerAdmin },
  { partitions, onRecords, signal }: ReadFromOptions,
): Promise<void> {
  signal.throwIfAborted();
  const names = topicNames(prefix);
  const lanes = await openLanes(admin, names, partitions);
  signal.throwIfAborted();
  if (lanes.size === 0) return;
  const consumer = kafka.consumer({
    groupId: names.outside(`read-${randomUUID()}`),
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 2_000,
      retries: 8,
      restartOnFailure: () => Promise.resolve(true),
    },
  });
  const ended = Promise.withResolvers<void>();
  const reading: Reading = {
    consumer,
    names,
    lanes,
    onRecords,
    ended,
    heardAtMs: performance.now(),
    isOver: false,
  };
  const aborted = () => ended.reject(signal.reason);
  signal.addEventListener('abort', aborted);
  const watch = setInterval(() => {
    if (performance.now() - reading.heardAtMs > silenceMsMax)
      ended.reject(new Error(`no fetch was answered for ${silenceMsMax} ms`));
  }, heartbeatMs);
  try {
    start(reading).catch(ended.reject);
    await ended.promise;
  } finally {
    reading.isOver = true;
    clearInterval(watch);
    signal.removeEventListener('abort', aborted);
    await withDeadline(consumer.disconnect(), stopDeadlineMs, 'the reader').catch(() => {});
  }
}

const place = (topic: string, partition: number): string => `${topic}/${partition}`;

/** What retention has taken is not waited for. Topics are named as Kafka does from here on. */
async function openLanes(
  admin: BrokerAdmin,
  names: TopicNames,
  partitions: ReadFromOptions['partitions'],
): Promise<Lanes> {
  const wanted = partitions.filter(({ offset, endOffset }) => offset < endOffset);
  const ends = await Promise.all(
    [...new Set(wanted.map(({ topic }) => topic))].map((topic) => admin.partitionEnds(topic)),
  );
  const starts = new Map(
    ends.flat().map(({ topic, partition, startOffset }) => [place(topic, partition), startOffset]),
  );
  const lanes = wanted.flatMap(({ topic, partition, offset, endOffset }): [string, Lane][] => {
    const held = starts.get(place(topic, partition));
    if (held === undefined) throw new Error(`there is no partition ${place(topic, partition)}`);
    const next = offset < held ? held : offset;
    if (next >= endOffset) return [];
    const outside = names.outside(topic);
    const handling = Promise.resolve();
    return [[place(outside, partition), { topic: outside, partition, next, end: endOffset, handling }]];
  });
  return new Map(lanes);
}

async function start(reading: Reading): Promise<void> {
  const { consumer, lanes, ended } = reading;
  const { FETCH, GROUP_JOIN, END_BATCH_PROCESS, CRASH } = consumer.events;
  consumer.on(FETCH, () => (reading.heardAtMs = performance.now()));
  // before its first fetch, and again when kafkajs came back with nothing committed
  consumer.on(GROUP_JOIN, ({ payload }) => {
    for (const [topic, assigned] of Object.entries(payload.memberAssignment))
      for (const partition of assigned) seekOrPause(reading, topic, partition);
  });
  // also of a batch without a record for us: a transaction's end stands in the log
  consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const lane = lanes.get(place(topic, partition));
    if (lane !== undefined && BigInt(lastOffset) + 1n >= lane.end) void finish(reading, lane);
  });
  consumer.on(CRASH, ({ payload }) => {
    if (!payload.restart) ended.reject(payload.error);
  });
  await consumer.connect();
  await consumer.subscribe({
    topics: [...new Set([...lanes.values()].map(({ topic }) => topic))],
    fromBeginning: true,
  });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 16,
    eachBatch: (payload) => handOver(reading, payload),
  });
}

function seekOrPause({ consumer, lanes }: Reading, topic: string, partition: number): void {
  const lane = lanes.get(place(topic, partition));
  if (lane === undefined || lane.next >= lane.end) consumer.pause([{ topic, partitions: [partition] }]);
  else consumer.seek({ topic, partition, offset: lane.next.toString() });
}

/** While one batch of a partition is handled the next is fetched, and waits here. */
async function handOver(reading: Reading, payload: EachBatchPayload): Promise<void> {
  const { batch } = payload;
  const lane = reading.lanes.get(place(batch.topic, batch.partition));
  if (lane === undefined || payload.isStale()) return;
  const beat = setInterval(() => {
    reading.heardAtMs = performance.now();
    payload.heartbeat().catch(() => {});
  }, heartbeatMs);
  try {
    await Promise.race([lane.handling, reading.ended.promise.catch(() => {})]);
  } finally {
    clearInterval(beat);
  }
  if (reading.isOver || !payload.isRunning() || payload.isStale()) return;
  const { next, end } = lane;
  const records = toDeliveredRecords(batch, reading.names).filter(
    ({ offset }) => offset >= next && offset < end,
  );
  const last = batch.messages.at(-1);
  if (last === undefined) return;
  payload.resolveOffset(last.offset);
  const after = BigInt(batch.lastOffset()) + 1n;
  lane.next = after > next ? after : next;
  if (records.length === 0) return;
  lane.handling = (async () => reading.onRecords(records))().catch(reading.ended.reject);
}

async function finish(reading: Reading, lane: Lane): Promise<void> {
  lane.next = lane.end;
  reading.consumer.pause([{ topic: lane.topic, partitions: [lane.partition] }]);
  await lane.handling;
  reading.lanes.delete(place(lane.topic, lane.partition));
  if (reading.lanes.size === 0) reading.ended.resolve();
}
