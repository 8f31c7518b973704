import { LootError } from '../../domain/errors.ts';
import type { OwnTopic } from '../../store/own-topics/reads.ts';
import { ensureTopics } from '../kafka/admin.ts';
import { BrokerRefusal } from '../kafka/broker.ts';
import type { Broker, PartitionEnds, TopicDescription } from '../kafka/broker.ts';
import { sleep, withDeadline } from '../patience.ts';
import { dispatcherGroup } from './subscribable.ts';
import { deadLetterTopicOf, deadLetterTopicSize, topics } from './topics.ts';
import type { TopicSize } from './topics.ts';

/** Others' topics have two words, like ours: a type names its topic by its first two. */
export const ownTopicForm = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
export const ownTopicCharsMax = 100;
export const ownTopicPartitionsMax = 50;

/** First words that are ours, used yet or not: nobody may look like us. */
const ourDomains = new Set([
  ...Object.keys(topics).map((name) => name.split('.')[0]),
  'payments',
  'analytics',
  'lootledger',
  'replay',
  'subscription',
  'internal',
  'confluent',
  'kafka',
]);

/** Why nobody may call a topic so; undefined when they may. */
export function whyNoOwnTopic(name: string): string | undefined {
  const [domain = '', entity = ''] = name.split('.');
  if (ourDomains.has(domain)) return `names under ${domain} are Lootledger's`;
  return entity === 'dlq' ? 'a name ending in .dlq is that of dead letters' : undefined;
}

/** What a copy says of its subscription comes on top of a record that may already be as large as its topic allows. */
const copyHeaderBytesMax = 1_024;

function sizesOf(own: OwnTopic): TopicSize[] {
  const size = { ...own, recordBytesMax: own.recordBytesMax + copyHeaderBytesMax };
  return own.deadLetters ? [size, deadLetterTopicSize(size)] : [size];
}

/** Whether Kafka has a topic of this name, or of its dead letters. Throws `dependency_unavailable`. */
export const isInKafka = (broker: Broker, name: string): Promise<boolean> =>
  asked(async () => {
    const names = new Set(await broker.admin.listTopics());
    return names.has(name) || names.has(deadLetterTopicOf(name));
  });

/** Creates it and its dead-letter topic where they are missing. Throws `dependency_unavailable`, `validation_failed`. */
export const createInKafka = (broker: Broker, own: OwnTopic, replicationCount: number): Promise<void> =>
  asked(async () => void (await ensureTopics(broker, { replicationCount, topics: sizesOf(own) })));

/** Sets how long the topic keeps its records and leaves its other settings. */
export const setRetentionInKafka = (broker: Broker, name: string, retentionMs: number): Promise<void> =>
  asked(() => broker.admin.alterTopic(name, { 'retention.ms': `${retentionMs}` }));

/** Deletes these topics and waits until they are gone; one that is gone already is no failure. */
export const deleteInKafka = (broker: Broker, names: readonly string[]): Promise<void> =>
  asked(async () => {
    const there = await present(broker, names);
    if (there.length > 0) await broker.admin.deleteTopics(there);
    while ((await present(broker, names)).length > 0) await sleep(goneLookMs);
  });

const goneLookMs = 100;
const present = async ({ admin }: Broker, names: readonly string[]): Promise<string[]> =>
  (await admin.listTopics()).filter((topic) => names.includes(topic));

/** Groups with members that have a place in the topic, but the dispatcher, which sees for itself that a topic has gone. */
export const liveReadersOf = async (broker: Broker, name: string): Promise<string[]> =>
  ((await lookAtTopic(broker, name))?.groups ?? [])
    .filter(({ group, memberCount }) => memberCount > 0 && group !== dispatcherGroup)
    .map(({ group }) => group);

export type GroupOnTopic = { group: string; memberCount: number; lag: bigint };
export type TopicInKafka = TopicDescription & { partitions: PartitionEnds[]; groups: GroupOnTopic[] };

const groupCountMax = 200;
/** Who reads the past or the tail of something is a group in passing: it commits nothing, and there may be hundreds. */
const passingGroup = /^(read|tail|window)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A topic as Kafka has it, and who reads it how far; undefined where Kafka has none. Throws `dependency_unavailable`. */
export const lookAtTopic = (broker: Broker, name: string): Promise<TopicInKafka | undefined> =>
  asked(async () => {
    const { admin } = broker;
    const described = await admin.describeTopic(name);
    if (described === undefined) return undefined;
    const [partitions, all] = await Promise.all([admin.partitionEnds(name), admin.listGroups()]);
    const groups = await Promise.all(
      all
        .filter((group) => !passingGroup.test(group))
        .toSorted()
        .slice(0, groupCountMax)
        .map((group) => groupOnTopic(broker, group, name, partitions)),
    );
    return { ...described, partitions, groups: groups.filter((group) => group !== undefined) };
  });

async function groupOnTopic(
  { admin }: Broker,
  group: string,
  topic: string,
  ends: readonly PartitionEnds[],
): Promise<GroupOnTopic | undefined> {
  const offsets = await admin.groupOffsets(group, topic);
  if (offsets.every(({ offset }) => offset < 0n)) return undefined;
  const at = new Map(offsets.map(({ partition, offset }) => [partition, offset]));
  const lag = ends.reduce((sum, { partition, startOffset, endOffset }) => {
    const next = at.get(partition) ?? -1n;
    return sum + endOffset - (next < startOffset ? startOffset : next);
  }, 0n);
  const members = await admin.groupMembers(group);
  return { group, memberCount: members.length, lag: lag < 0n ? 0n : lag };
}

const patienceMs = 15_000;

async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await withDeadline(question(), patienceMs, 'Kafka');
  } catch (error) {
    if (error instanceof BrokerRefusal)
      throw new LootError('validation_failed', `Kafka refuses: ${error.message}`, { cause: error });
    throw new LootError('dependency_unavailable', 'Kafka does not answer now; send the same request again.', {
      cause: error,
      retryAfterMs: 1_000,
    });
  }
}
