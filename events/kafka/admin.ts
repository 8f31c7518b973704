import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, NewTopic } from './broker.ts';
import { allTopics } from '../catalogue/topics.ts';
import type { Topic, TopicSize } from '../catalogue/topics.ts';

export type TopicOptions = {
  replicationCount: number;
  /** Fewer partitions than the catalogue says: for tests and small machines. Set before the first start, never after. */
  partitionCountMax?: number;
  /** Default: the whole catalogue. */
  topics?: readonly (TopicSize & Partial<Topic>)[];
};

/**
 * Creates the topics that do not exist and answers their names. Existing ones are left alone: more partitions would
 * reorder keys, and retention is an operator's decision once there is data.
 */
export async function ensureTopics(broker: Broker, options: TopicOptions): Promise<string[]> {
  const wanted = (options.topics ?? allTopics).map((topic) => newTopic(topic, options));
  try {
    const created = await broker.admin.createTopics(wanted);
    await untilServed(broker, created);
    return created;
  } catch (error) {
    // another process may have created them meanwhile
    const existing = new Set(await broker.admin.listTopics());
    if (wanted.every(({ topic }) => existing.has(topic))) return [];
    throw error;
  }
}

const servedWithinMs = 30_000;
const servedPollMs = 50;

/** A new topic has leaders before its broker serves it: a consumer that joins in between is thrown out again. */
async function untilServed(broker: Broker, topics: readonly string[]): Promise<void> {
  const untilMs = performance.now() + servedWithinMs;
  const served = async (topic: string): Promise<void> => {
    try {
      await broker.admin.partitionEnds(topic);
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await sleep(servedPollMs);
      await served(topic);
    }
  };
  for (const topic of topics) await served(topic);
}

function newTopic(
  topic: TopicSize,
  { replicationCount, partitionCountMax = Infinity }: TopicOptions,
): NewTopic {
  return {
    topic: topic.name,
    partitionCount: Math.min(topic.partitionCount, partitionCountMax),
    replicationCount,
    settings: {
      'cleanup.policy': 'delete',
      // the broker's clock, not that of whoever produces: by it a window is found after a restore
      'message.timestamp.type': 'LogAppendTime',
      'retention.ms': `${topic.retentionMs}`,
      'max.message.bytes': `${topic.recordBytesMax}`,
      'min.insync.replicas': replicationCount >= 3 ? '2' : '1',
    },
  };
}
