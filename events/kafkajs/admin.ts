import type { Kafka } from 'kafkajs';
import type { BrokerAdmin } from '../kafka/broker.ts';
import { keepClient } from './client.ts';
import { isUnknownGroup } from './errors.ts';
import { moveKafkajsGroup } from './move-group.ts';
import { topicNames } from './records.ts';
import { alterTopic, describeTopic } from './topic-settings.ts';
import type { AskAdmin } from './topic-settings.ts';

const deadlineMs = 30_000;
const pingDeadlineMs = 2_000;

export function createKafkajsAdmin(
  kafka: Kafka,
  prefix: string,
): { verbs: BrokerAdmin; ping(): Promise<void>; close(): Promise<void> } {
  const { use, close } = keepClient(() => kafka.admin());
  const ask: AskAdmin = (question) => use(question, deadlineMs);
  return {
    verbs: { ...topicVerbs(ask, prefix), ...groupVerbs(kafka, ask, prefix) },
    ping: async () => void (await use((admin) => admin.describeCluster(), pingDeadlineMs)),
    close,
  };
}

type GroupVerb = 'listGroups' | 'groupOffsets' | 'setGroupOffsets' | 'groupMembers' | 'deleteGroup';

function topicVerbs(ask: AskAdmin, prefix: string): Omit<BrokerAdmin, GroupVerb> {
  const { outside } = topicNames(prefix);
  let altered: Promise<unknown> = Promise.resolve();

  async function listTopics(): Promise<string[]> {
    const names = await ask((admin) => admin.listTopics());
    return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }

  return {
    listTopics,
    async createTopics(topics) {
      const existing = new Set(await listTopics());
      const missing = topics.filter(({ topic }) => !existing.has(topic));
      if (missing.length === 0) return [];
      await ask((admin) =>
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
      ask((admin) => admin.deleteTopics({ topics: topics.map(outside), timeout: deadlineMs })),
    describeTopic: (topic) => describeTopic(ask, outside(topic)),
    alterTopic(topic, settings) {
      const alter = () => alterTopic(ask, outside(topic), settings);
      const turn = altered.then(alter, alter);
      altered = turn.catch(() => {});
      return turn;
    },
    async partitionEnds(topic) {
      const ends = await ask((admin) => admin.fetchTopicOffsets(outside(topic)));
      return ends.map(({ partition, low, high }) => ({
        topic,
        partition,
        startOffset: BigInt(low),
        endOffset: BigInt(high),
      }));
    },
    async offsetsAt(topic, timestampMs) {
      const offsets = await ask((admin) => admin.fetchTopicOffsetsByTimestamp(outside(topic), timestampMs));
      return offsets.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) }));
    },
  };
}

function groupVerbs(kafka: Kafka, ask: AskAdmin, prefix: string): Pick<BrokerAdmin, GroupVerb> {
  const { outside } = topicNames(prefix);
  return {
    async listGroups() {
      const { groups } = await ask((admin) => admin.listGroups());
      return groups
        .filter(({ groupId, protocolType }) => groupId.startsWith(prefix) && protocolType !== 'connect')
        .map(({ groupId }) => groupId.slice(prefix.length));
    },
    setGroupOffsets: (group, offsets) =>
      ask((admin) => moveKafkajsGroup({ kafka, admin, prefix }, group, offsets)),
    async groupOffsets(group, topic) {
      const answers = await ask((admin) =>
        admin.fetchOffsets({ groupId: outside(group), topics: [outside(topic)] }),
      );
      return answers.flatMap(({ partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
      );
    },
    async groupMembers(group) {
      const { groups } = await ask((admin) => admin.describeGroups([outside(group)]));
      return groups.flatMap(({ members }) =>
        members.map(({ memberId, clientId, clientHost }) => ({ memberId, clientId, host: clientHost })),
      );
    },
    async deleteGroup(group) {
      try {
        await ask((admin) => admin.deleteGroups([outside(group)]));
      } catch (error) {
        if (!isUnknownGroup(error)) throw error;
      }
    },
  };
}
