import type { Broker, NewTopic } from './broker.ts';
import { allTopics } from './topics.ts';
import type { Topic } from './topics.ts';

export type TopicOptions = {
  replicationCount: number;
  /** Fewer partitions than the catalogue says: for tests and small machines. Set before the first start, never after. */
  partitionCountMax?: number;
  /** Default: the whole catalogue. */
  topics?: readonly Topic[];
};

/**
 * Creates the topics that do not exist and answers their names. Existing ones are left alone: more partitions would
 * reorder keys, and retention is an operator's decision once there is data.
 */
export async function ensureTopics(broker: Broker, options: TopicOptions): Promise<string[]> {
  const wanted = (options.topics ?? allTopics).map((topic) => newTopic(topic, options));
  try {
    return await broker.admin.createTopics(wanted);
  } catch (error) {
    // another process may have created them meanwhile
    const existing = new Set(await broker.admin.listTopics());
    if (wanted.every(({ topic }) => existing.has(topic))) return [];
    throw error;
  }
}

function newTopic(topic: Topic, { replicationCount, partitionCountMax = Infinity }: TopicOptions): NewTopic {
  return {
    topic: topic.name,
    partitionCount: Math.min(topic.partitionCount, partitionCountMax),
    replicationCount,
    settings: {
      'cleanup.policy': 'delete',
      'retention.ms': `${topic.retentionMs}`,
      'max.message.bytes': `${topic.recordBytesMax}`,
      'min.insync.replicas': replicationCount >= 3 ? '2' : '1',
    },
  };
}
