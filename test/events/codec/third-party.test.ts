import { randomUUID } from 'node:crypto';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startServer } from '../../../api/server.ts';
import type { EventData } from '../../../domain/events.ts';
import { ensureTopics } from '../../../events/kafka/admin.ts';
import { createCodec } from '../../../events/codec/codec.ts';
import { createBroker } from '../../../events/kafkajs/broker.ts';
import { openRegistry, subjectOf } from '../../../events/codec/registry.ts';
import { startRelay } from '../../../events/relay/relay.ts';
import { topics } from '../../../events/catalogue/topics.ts';
import { createLog } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/metrics.ts';
import { createOwnTopic } from '../../../store/own-topics/create-own-topic.ts';
import { testApi } from '../../api/support.ts';
import type { TestApi } from '../../api/support.ts';
import { countRows, eventually, readTopic, tell } from '../support.ts';

/** A client that knows nothing of us. Debian's kcat cannot be another: it is built without Avro. */
const brokers = inject('servers').kafkaBrokers;
const prefix = `t${randomUUID().slice(0, 8)}.`;
const matches = topics['game.match'];

let api: TestApi;
let registryUrl: string;
let key: string;
let stop = async (): Promise<void> => {};
afterAll(() => stop());
const broker = createBroker({ brokers, clientId: 'test', prefix, log: createLog('test', 'silent') });

beforeAll(async () => {
  api = await testApi();
  key = await api.key(['events:read', 'schemas:write'], 'studio');
  const server = await startServer(api.app, { host: '127.0.0.1', port: 0, closeStreams: async () => {} });
  registryUrl = `http://127.0.0.1:${server.port}/v1/schemas`;
  await ensureTopics(broker, { replicationCount: 1, partitionCountMax: 1, topics: [matches] });
  const relay = startRelay({
    db: api.db,
    broker,
    codec: createCodec(await openRegistry(api.db)),
    origin: { source: '/lootledger/test', ledgerEpoch: 1 },
    metrics: createMetrics(),
    log: api.deps.log,
    crash: () => {},
  });
  await tell(api.db, { type: 'game.match.finished.v1', key: 'm', data: finished });
  await eventually('it is published', () => countRows(api.db, 'event_log', "topic = 'game.match'"));
  stop = async () => {
    await relay.stop();
    await server.stop();
    await broker.admin.deleteTopics([matches.name]).catch(() => {});
    await broker.close();
  };
});

test('a stranger’s client library reads our topic through our registry', async () => {
  const registry = new SchemaRegistry({
    host: registryUrl,
    auth: { username: 'anyone', password: key },
  });
  const [record] = await readTopic(broker, matches.name);
  expect(await registry.decode(record!.value!)).toMatchObject({
    matchId: 'm',
    players: [{ playerId: 'p', outcome: 'winner', placement: 1, score: 12.5 }],
    plans: [{ lines: [{ asset: 'gold', amount: 250 }] }],
  });
});

test('and registers a type of its own, which we encode and it decodes', async () => {
  await api.db.transaction((tx) =>
    createOwnTopic(tx, {
      name: 'studio.quest',
      description: 'Quests',
      partitionCount: 1,
      retentionMs: 86_400_000,
      category: 'gameplay',
      ownerClientId: 'studio',
      classification: 'internal',
      deadLetters: false,
      recordBytesMax: 1_048_576,
    }),
  );
  const auth = { username: 'studio', password: key };
  const registry = new SchemaRegistry({ host: registryUrl, auth });
  const type = 'studio.quest.finished.v1';
  const schema = (more: string) =>
    `{"type":"record","name":"FinishedV1","namespace":"studio.quest","fields":[{"name":"questId","type":"string"}${more}]}`;
  const subject = subjectOf(type);
  const { id } = await registry.register(
    { type: 'AVRO' as never, schema: schema('') },
    { subject, compatibility: 'BACKWARD_TRANSITIVE' as never },
  );
  expect(await registry.getLatestSchemaId(subject)).toBe(id);
  const codec = createCodec(await openRegistry(api.db));
  const { value } = await codec.encodeRegistered(type, { questId: 'q' });
  expect(await registry.decode(value)).toEqual({ questId: 'q' });
  const written = await registry.encode(id, { questId: 'r' });
  expect(await codec.decodeAny(written, '', type)).toEqual({ questId: 'r' });
  await expect(
    registry.register(
      { type: 'AVRO' as never, schema: schema(',{"name":"level","type":"int"}') },
      { subject, compatibility: 'BACKWARD_TRANSITIVE' as never },
    ),
  ).rejects.toThrow(/could not read its version 1/);
});

const finished: EventData['game.match.finished.v1'] = {
  matchId: 'm',
  mode: 'standard',
  clientId: null,
  seed: 'ff',
  endTick: 7,
  players: [{ playerId: 'p', outcome: 'winner', placement: 1, score: 12.5 }],
  plans: [
    {
      playerId: 'p',
      outcome: 'winner',
      economyVersion: 1,
      input: { resources: '1' },
      lines: [{ asset: 'gold', amount: '250' }],
      items: [],
    },
  ],
  reviewRequired: false,
};
