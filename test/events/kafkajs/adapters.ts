import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import type { Broker, NewTopic } from '../../../events/kafka/broker.ts';
import { createBroker } from '../../../events/kafkajs/broker.ts';
import type { BrokerOptions } from '../../../events/kafkajs/broker.ts';
import { createLog } from '../../../platform/log.ts';

/** Every way to speak with Kafka that a process may be configured for: each passes the whole contract. */
export type Adapter = {
  name: string;
  open: (options: BrokerOptions) => Broker;
  /** Where a child process finds `open` by its name. */
  module: string;
};

export const adapters: readonly Adapter[] = [
  {
    name: 'kafkajs',
    open: createBroker,
    module: import.meta.resolve('../../../events/kafkajs/broker.ts'),
  },
];

export type World = {
  prefix: string;
  broker: Broker;
  /** Another process's broker on the same topics. */
  another(): Broker;
  /** A topic of this test's own, served. */
  topic(partitionCount?: number, settings?: Record<string, string>): Promise<string>;
};

export function openWorld(adapter: Adapter): World {
  const prefix = `b${randomUUID().slice(0, 8)}.`;
  const brokers = inject('servers').kafkaBrokers;
  const opened: Broker[] = [];
  const another = () => {
    const broker = adapter.open({ brokers, clientId: 'contract', prefix, log: createLog('test', 'silent') });
    opened.push(broker);
    return broker;
  };
  const broker = another();
  const made: string[] = [];
  afterAll(async () => {
    const left = (await broker.admin.listTopics()).filter((name) => made.includes(name));
    await broker.admin.deleteTopics(left);
    await Promise.all(opened.map((each) => each.close()));
  });
  return {
    prefix,
    broker,
    another,
    async topic(partitionCount = 1, settings = {}) {
      const topic = `t-${randomUUID().slice(0, 8)}`;
      await createTopic(broker, { topic, partitionCount, replicationCount: 1, settings });
      made.push(topic);
      return topic;
    },
  };
}

/** Resolves when every partition is served. */
export async function createTopic(broker: Broker, topic: NewTopic): Promise<void> {
  await broker.admin.createTopics([topic]);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await broker.admin.partitionEnds(topic.topic);
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
