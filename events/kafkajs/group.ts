import kafkajs from 'kafkajs';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { GroupMember, JoinGroupOptions, TopicPartition } from '../kafka/broker.ts';
import { toDeliveredRecords, topicNames } from './records.ts';
import type { TopicNames } from './records.ts';
import { withDeadline } from '../patience.ts';

/**
 * A member that dies is missed after this long, and so is our own former self when kafkajs, which gives up at the first
 * refused connection, comes back as a new member after an outage. The broker's least.
 */
const sessionTimeoutMs = 6_000;
const heartbeatMs = 1_500;
/** How long an empty fetch waits at the broker, and how soon a resumed partition is fetched at worst. */
const fetchWaitMs = 500;
/**
 * A larger record comes alone. kafkajs decodes a whole fetch at once and everything in it stays until it is handled: with
 * its own 1 MiB a group far behind spends a tenth more CPU per event on collecting garbage.
 */
const fetchBytesMax = 131_072;
const stopDeadlineMs = 10_000;

/**
 * kafkajs as the port wants it. Its fetcher waits for every batch of a fetch, so `eachBatch` only hands records over and
 * waits for no handler: then neither a slow key nor a slow partition holds up the others. Concurrency across partitions is
 * therefore ours; kafkajs' own is left at what one fetch may hold.
 */
export async function joinKafkajsGroup(
  kafka: Kafka,
  prefix: string,
  options: JoinGroupOptions,
): Promise<GroupMember> {
  const consumer = kafka.consumer({
    groupId: prefix + options.group,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: sessionTimeoutMs * 3,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: fetchWaitMs,
    maxBytesPerPartition: fetchBytesMax,
    allowAutoTopicCreation: false,
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 2_000,
      retries: 8,
      restartOnFailure: () => Promise.resolve(true),
    },
  });
  const names = topicNames(prefix);
  const state: MemberState = {
    fetchedAtMs: performance.now(),
    assigned: new Set(),
    stopped: false,
    commit: undefined,
  };
  listen(consumer, names, options, state);
  try {
    await consumer.connect();
    await consumer.subscribe({
      topics: options.topics.map(names.outside),
      fromBeginning: options.from === 'earliest',
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 16,
      eachBatch: (payload) => handOver(payload, names, options, state),
    });
  } catch (error) {
    await consumer.disconnect().catch(() => {});
    throw error;
  }
  return member(consumer, names, state);
}

type MemberState = {
  fetchedAtMs: number;
  assigned: ReadonlySet<string>;
  stopped: boolean;
  /** kafkajs' own commit is bound to the generation only when called from a batch; `consumer.commitOffsets` retries under
   *  the next generation and would commit a partition that is lost (https://github.com/tulios/kafkajs/issues/1046). */
  commit: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
};

function listen(consumer: Consumer, names: TopicNames, options: JoinGroupOptions, state: MemberState): void {
  const { FETCH, GROUP_JOIN, REBALANCING, CRASH } = consumer.events;
  consumer.on(FETCH, () => (state.fetchedAtMs = performance.now()));
  consumer.on(REBALANCING, () => options.onRebalancing());
  consumer.on(GROUP_JOIN, ({ payload }) => {
    state.fetchedAtMs = performance.now();
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic: names.inside(topic), partition })),
    );
    state.assigned = new Set(assigned.map(placeOf));
    options.onAssigned(assigned);
  });
  consumer.on(CRASH, ({ payload }) => {
    options.onRebalancing();
    if (!payload.restart && !state.stopped) options.onEnded(payload.error);
  });
}

async function handOver(
  payload: EachBatchPayload,
  names: TopicNames,
  options: JoinGroupOptions,
  state: MemberState,
): Promise<void> {
  const { batch } = payload;
  state.commit = payload.commitOffsetsIfNecessary;
  const last = batch.messages.at(-1);
  if (state.stopped || !payload.isRunning() || payload.isStale() || last === undefined) return;
  const more = options.onRecords(toDeliveredRecords(batch, names), BigInt(batch.highWatermark));
  payload.resolveOffset(last.offset);
  await more;
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

function member(consumer: Consumer, names: TopicNames, state: MemberState): GroupMember {
  const outside = ({ topic, partition }: TopicPartition) => [
    { topic: names.outside(topic), partitions: [partition] },
  ];
  /** While kafkajs starts anew it has no group and says so by throwing; the next one begins without pauses. */
  const whileThereIsAGroup = (ask: () => void): void => {
    try {
      ask();
    } catch (error) {
      if (!(error instanceof kafkajs.KafkaJSNonRetriableError)) throw error;
    }
  };
  return {
    pause: (partition) => whileThereIsAGroup(() => consumer.pause(outside(partition))),
    resume: (partition) => whileThereIsAGroup(() => consumer.resume(outside(partition))),
    async commit(offsets) {
      if (state.commit === undefined) throw new Error('nothing was read yet');
      // the broker asks for a member of the present generation, not whose partition it is
      const lost = offsets.find((offset) => !state.assigned.has(placeOf(offset)));
      if (lost !== undefined) throw new Error(`${placeOf(lost)} is no longer this member's`);
      const byTopic = Map.groupBy(offsets, ({ topic }) => names.outside(topic));
      const topics = [...byTopic].map(([topic, entries]) => ({
        topic,
        partitions: entries.map(({ partition, nextOffset }) => ({
          partition,
          offset: nextOffset.toString(),
        })),
      }));
      await state.commit({ topics });
    },
    seek: ({ topic, partition }, offset) =>
      consumer.seek({ topic: names.outside(topic), partition, offset: offset.toString() }),
    get fetchedAtMs() {
      return state.fetchedAtMs;
    },
    async stop() {
      state.stopped = true;
      await withDeadline(consumer.disconnect(), stopDeadlineMs, 'the consumer').catch(() => {});
    },
  };
}
