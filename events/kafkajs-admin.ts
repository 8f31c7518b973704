import type { Admin, Kafka } from 'kafkajs';
import type { BrokerAdmin } from './broker.ts';
import { moveKafkajsGroup } from './kafkajs-move-group.ts';
import { connectOnce, withDeadline } from './patience.ts';

const deadlineMs = 30_000;
const pingDeadlineMs = 2_000;

export function createKafkajsAdmin(
  kafka: Kafka,
  prefix: string,
): { verbs: BrokerAdmin; ping(): Promise<void>; close(): Promise<void> } {
  const admin = kafka.admin();
  const connect = connectOnce(() => admin.connect());
  const ask = async <T>(question: (admin: Admin) => Promise<T>, withinMs = deadlineMs): Promise<T> => {
    const answer = async () => {
      await connect();
      return question(admin);
    };
    return withDeadline(answer(), withinMs, 'Kafka');
  };
  const outside = (topic: string) => prefix + topic;

  async function listTopics(): Promise<string[]> {
    const names = await ask(() => admin.listTopics());
    return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }

  const verbs: BrokerAdmin = {
    listTopics,
    async createTopics(topics) {
      const existing = new Set(await listTopics());
      const missing = topics.filter(({ topic }) => !existing.has(topic));
      if (missing.length === 0) return [];
      await ask(() =>
        admin.createTopics({
          // its waiting gives up on a broker that has not heard of the topic yet; `ensureTopics` waits for both
          waitForLeaders: false,
          topics: missing.map(({ topic, partitionCount, replicationCount, settings }) => ({
            topic: outside(topic),
            numPartitions: partitionCount,
            replicationFactor: replicationCount,
            configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
          })),
        }),
      );
      return missing.map(({ topic }) => topic);
    },
    deleteTopics: (topics) =>
      ask(() => admin.deleteTopics({ topics: topics.map(outside), timeout: deadlineMs })),
    async partitionEnds(topic) {
      const ends = await ask(() => admin.fetchTopicOffsets(outside(topic)));
      return ends.map(({ partition, low, high }) => ({
        topic,
        partition,
        startOffset: BigInt(low),
        endOffset: BigInt(high),
      }));
    },
    async offsetsAt(topic, timestampMs) {
      const offsets = await ask(() => admin.fetchTopicOffsetsByTimestamp(outside(topic), timestampMs));
      return offsets.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) }));
    },
    setGroupOffsets: (group, offsets) =>
      ask((member) => moveKafkajsGroup({ kafka, admin: member, prefix }, group, offsets)),
    async groupOffsets(group, topic) {
      const answers = await ask(() =>
        admin.fetchOffsets({ groupId: outside(group), topics: [outside(topic)] }),
      );
      return answers.flatMap(({ partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
      );
    },
  };
  return {
    verbs,
    ping: async () => void (await ask(() => admin.describeCluster(), pingDeadlineMs)),
    close: () => admin.disconnect(),
  };
}
