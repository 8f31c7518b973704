import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { ApiDeps, ApiEvents } from '../../api/deps.ts';
import { ensureTopics } from '../../events/kafka/admin.ts';
import { createCodec } from '../../events/codec/codec.ts';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { openRegistry, subjectOf } from '../../events/codec/registry.ts';
import { findTopic } from '../../events/catalogue/topics.ts';
import { createLog } from '../../platform/log.ts';
import { createOwnTopic } from '../../store/own-topics/create-own-topic.ts';
import type { TestApi } from './support.ts';
import { sendTo, testApi } from './support.ts';

export type KafkaApi = TestApi & {
  events: ApiEvents;
  prefix: string;
  /** A topic of a client's own, in Kafka too. */
  ownTopic(name: string, options?: { recordBytesMax?: number; partitionCount?: number }): Promise<void>;
  /** Registers a type of a client's own with these Avro fields. */
  ownType(type: string, fields: readonly object[]): Promise<void>;
};

/** The whole API with topics of this file's own (one partition each) in the servers' Kafka. */
export async function kafkaApi(
  topicNames: readonly string[],
  overrides: Partial<ApiDeps> = {},
  brokers: readonly string[] = inject('servers').kafkaBrokers,
): Promise<KafkaApi> {
  const base = await testApi(overrides);
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const broker = createBroker({ brokers, clientId: 'test', prefix, log: createLog('test', 'silent') });
  afterAll(async () => {
    await broker.admin.deleteTopics(await broker.admin.listTopics()).catch(() => {});
    await broker.close();
  });
  const topics = topicNames.map(findTopic).filter((topic) => topic !== undefined);
  if (topics.length > 0) await ensureTopics(broker, { replicationCount: 1, partitionCountMax: 1, topics });
  const codec = createCodec(await openRegistry(base.db));
  const events = { broker, codec, origin: { source: '/lootledger/test', ledgerEpoch: 1 } };
  const deps = { ...base.deps, events };
  const app = createApp(deps);
  return {
    ...base,
    app,
    deps,
    events,
    prefix,
    send: (method, path, options) => sendTo(app, method, path, options),
    async ownTopic(name, { recordBytesMax = 1048576, partitionCount = 1 } = {}) {
      await base.db.transaction((tx) =>
        createOwnTopic(tx, {
          name,
          description: name,
          partitionCount,
          retentionMs: 36e5,
          category: 'test',
          ownerClientId: 'studio',
          classification: 'internal',
          deadLetters: false,
          recordBytesMax,
        }),
      );
      const settings = { 'max.message.bytes': `${recordBytesMax}` };
      await broker.admin.createTopics([
        {
          topic: name,
          partitionCount,
          replicationCount: 1,
          settings,
        },
      ]);
    },
    async ownType(type, fields) {
      const schema = JSON.stringify({
        type: 'record',
        name: 'Test',
        fields,
      });
      const token = await base.key(['events:read', 'schemas:write'], 'studio');
      const path = `/v1/schemas/subjects/${subjectOf(type)}/versions`;
      const { status, text } = await base.send('POST', path, {
        token,
        body: { schema },
      });
      if (status !== 200) throw new Error(`not registered: ${text}`);
    },
  };
}
