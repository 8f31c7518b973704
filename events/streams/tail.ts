import { randomUUID } from 'node:crypto';
import type { Log } from '../../platform/log.ts';
import type { Broker, DeliveredRecord, GroupMember, TopicPartition } from '../kafka/broker.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import type { Running } from '../consumer/handler.ts';
import { joinedBefore, keepJoined } from '../consumer/rejoin.ts';
import { recordBytes } from '../relay/outgoing.ts';

const silenceMsMax = 60_000;
const watchMs = 5_000;
const defaultBacklogBytesMax = 16_777_216;

export type TailDeps = {
  broker: Broker;
  log: Log;
  /** While so much waits to be handed on, nothing more is read. */
  backlogBytesMax?: number;
};

/**
 * One member of a group of its own that reads whatever topics say from now on, in order per partition, and never commits.
 * `onRecord` is called for one after another: the next when what it answered is settled.
 * "Now" is when Kafka first says where its topics end, which is before the member has joined; after a loss of contact it goes
 * on where it was.
 */
export function tailTopics(
  { broker, log, backlogBytesMax = defaultBacklogBytesMax }: TailDeps,
  topics: readonly string[],
  onRecord: (record: DeliveredRecord) => unknown,
): Running {
  const backlog = createBacklog(log, onRecord, backlogBytesMax);
  const stop = new AbortController();
  const positions = new Map<string, bigint>();
  const readOn = async () => {
    if (positions.size === 0) await beginAtEnds(broker, topics, positions);
    await tailOnce(broker, topics, positions, backlog, stop.signal);
  };
  const run = keepJoined(stop.signal, readOn, ({ reason, isNews }) =>
    log[isNews ? 'warn' : 'debug']({ topics, reason }, 'the tail of the streams waits for Kafka'),
  );
  return {
    async stop() {
      stop.abort();
      await run;
      await backlog.drained();
    },
  };
}

async function beginAtEnds(
  { admin }: Broker,
  topics: readonly string[],
  positions: Map<string, bigint>,
): Promise<void> {
  const ends = await Promise.all(topics.map((topic) => admin.partitionEnds(topic)));
  for (const { topic, partition, endOffset } of ends.flat())
    positions.set(`${topic}/${partition}`, endOffset);
}

async function tailOnce(
  broker: Broker,
  topics: readonly string[],
  positions: Map<string, bigint>,
  backlog: Backlog,
  stop: AbortSignal,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const asked = () => ended.resolve();
  stop.addEventListener('abort', asked);
  let member: GroupMember | undefined;
  let assigned: readonly TopicPartition[] = [];
  let isPaused = false;
  let resumedAtMs = 0;
  const goOn = () => {
    for (const [place, offset] of positions) {
      const cut = place.lastIndexOf('/');
      member?.seek({ topic: place.slice(0, cut), partition: Number(place.slice(cut + 1)) }, offset);
    }
  };
  const brake = () => {
    if (member === undefined || isPaused === backlog.isFull) return;
    isPaused = backlog.isFull;
    if (!isPaused) resumedAtMs = performance.now();
    for (const place of assigned) member[isPaused ? 'pause' : 'resume'](place);
  };
  backlog.listen(brake);
  const joining = broker.join({
    group: `tail-${randomUUID()}`,
    topics,
    from: 'latest',
    onAssigned(partitions) {
      // pauses outlive an assignment
      if (isPaused) for (const place of assigned) member?.resume(place);
      isPaused = false;
      assigned = partitions;
      goOn();
      brake();
    },
    onRebalancing: () => {},
    onRecords: (records) => backlog.add(records.filter((record) => isNext(positions, record))),
    onEnded: ended.reject,
  });
  let watch: NodeJS.Timeout | undefined;
  try {
    const joined = await joinedBefore(ended.promise, joining);
    if (joined === undefined) return;
    member = joined;
    goOn();
    brake();
    watch = setInterval(() => {
      const heardAtMs = Math.max(joined.fetchedAtMs, resumedAtMs);
      if (!isPaused && performance.now() - heardAtMs > silenceMsMax)
        ended.reject(new Error('the tail is silent'));
    }, watchMs);
    if (stop.aborted) asked();
    await ended.promise;
  } finally {
    clearInterval(watch);
    backlog.listen(() => {});
    stop.removeEventListener('abort', asked);
    await member?.stop();
  }
}

/** After a resume the fetch at hand may still be an older one. */
function isNext(positions: Map<string, bigint>, { topic, partition, offset }: DeliveredRecord): boolean {
  const place = `${topic}/${partition}`;
  if (offset < (positions.get(place) ?? 0n)) return false;
  positions.set(place, offset + 1n);
  return true;
}

type Backlog = ReturnType<typeof createBacklog>;

/** Hands records on one after another. It is full from `bytesMax` on, until it has come down to half of that. */
function createBacklog(log: Log, onRecord: (record: DeliveredRecord) => unknown, bytesMax: number) {
  let queue = Promise.resolve();
  let bytes = 0;
  let isFull = false;
  let onChange = () => {};
  const count = (change: number) => {
    bytes += change;
    const wasFull = isFull;
    isFull = bytes >= (wasFull ? bytesMax / 2 : bytesMax);
    if (isFull !== wasFull) onChange();
  };
  const handOn = async (records: readonly DeliveredRecord[]) => {
    for (const record of records)
      try {
        await onRecord(record);
      } catch (error) {
        log.warn({ reason: errorMessageOf(error) }, 'a record of the tail was not told');
      }
  };
  return {
    get isFull() {
      return isFull;
    },
    add(records: readonly DeliveredRecord[]): void {
      const size = records.reduce((sum, record) => sum + recordBytes(record), 0);
      queue = queue.then(() => handOn(records)).finally(() => count(-size));
      count(size);
    },
    /** Calls back when it becomes full or is not full any more. */
    listen(listener: () => void): void {
      onChange = listener;
    },
    drained: () => queue,
  };
}
