import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { TopicDescription } from '../kafka/broker.ts';
import { isUnknownTopic } from './errors.ts';

export type AskAdmin = <T>(question: (admin: Admin) => Promise<T>) => Promise<T>;

/** A topic as it is; settings are the overrides alone, not what the broker gives by default. Undefined: there is none. */
export async function describeTopic(ask: AskAdmin, topic: string): Promise<TopicDescription | undefined> {
  try {
    const { topics } = await ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    const partitions = topics.find(({ name }) => name === topic)?.partitions;
    if (partitions === undefined) return undefined;
    return {
      partitionCount: partitions.length,
      replicationCount: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
      settings: await overridesOf(ask, topic),
    };
  } catch (error) {
    if (isUnknownTopic(error)) return undefined;
    throw error;
  }
}

/**
 * kafkajs speaks AlterConfigs, which replaces every override a topic has: those that stay are read and written with the
 * new ones. Two at once could undo each other, so callers take turns.
 */
export async function alterTopic(
  ask: AskAdmin,
  topic: string,
  settings: Record<string, string>,
): Promise<void> {
  const merged = { ...(await overridesOf(ask, topic)), ...settings };
  const configEntries = Object.entries(merged).map(([name, value]) => ({ name, value }));
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await ask((admin) => admin.alterConfigs({ validateOnly: false, resources }));
}

async function overridesOf(ask: AskAdmin, topic: string): Promise<Record<string, string>> {
  const { resources } = await ask((admin) =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
    }),
  );
  const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
  return Object.fromEntries(
    entries
      .filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG)
      .map(({ configName, configValue }) => [configName, configValue]),
  );
}
