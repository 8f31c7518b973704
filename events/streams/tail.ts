import { randomUUID } from 'node:crypto';
import type { Log } from '../../platform/log.ts';
import type { Broker, DeliveredRecord, GroupMember } from '../kafka/broker.ts';
import type { Running } from '../consumer/handler.ts';
import { keepJoined } from '../consumer/rejoin.ts';

const silenceMsMax = 60_000;
const watchMs = 5_000;

/**
 * One member of a group of its own that reads whatever topics say from now on, in order per partition, and never commits.
 * "Now" is when Kafka first says where its topics end, which is before the member has joined; after a loss of contact it goes
 * on where it was.
 */
export function tailTopics(
  { broker, log }: { broker: Broker; log: Log },
  topics: readonly string[],
  onRecord: (record: DeliveredRecord) => void,
): Running {
  const stop = new AbortController();
  const positions = new Map<string, bigint>();
  const readOn = async () => {
    if (positions.size === 0) await beginAtEnds(broker, topics, positions);
    await tailOnce(broker, topics, positions, onRecord, stop.signal);
  };
  const run = keepJoined(stop.signal, readOn, ({ reason, isNews }) =>
    log[isNews ? 'warn' : 'debug']({ topics, reason }, 'the tail of the streams waits for Kafka'),
  );
  return {
    async stop() {
      stop.abort();
      await run;
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
  onRecord: (record: DeliveredRecord) => void,
  stop: AbortSignal,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const asked = () => ended.resolve();
  stop.addEventListener('abort', asked);
  let member: GroupMember | undefined;
  const goOn = () => {
    for (const [place, offset] of positions) {
      const cut = place.lastIndexOf('/');
      member?.seek({ topic: place.slice(0, cut), partition: Number(place.slice(cut + 1)) }, offset);
    }
  };
  const joining = broker.join({
    group: `tail-${randomUUID()}`,
    topics,
    from: 'latest',
    onAssigned: goOn,
    onRebalancing: () => {},
    onRecords(records) {
      for (const record of records) {
        const place = `${record.topic}/${record.partition}`;
        // after a resume the fetch at hand may still be an older one
        if (record.offset < (positions.get(place) ?? 0n)) continue;
        positions.set(place, record.offset + 1n);
        onRecord(record);
      }
    },
    onEnded: ended.reject,
  });
  const joined = await Promise.race([joining, ended.promise]);
  if (joined === undefined) return void joining.then((late) => late.stop()).catch(() => {});
  member = joined;
  goOn();
  const watch = setInterval(() => {
    if (performance.now() - joined.fetchedAtMs > silenceMsMax) ended.reject(new Error('the tail is silent'));
  }, watchMs);
  if (stop.aborted) asked();
  try {
    await ended.promise;
  } finally {
    clearInterval(watch);
    stop.removeEventListener('abort', asked);
    await joined.stop();
  }
}
