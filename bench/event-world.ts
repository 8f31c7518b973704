import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { EventType, NewEvent } from '../domain/events.ts';
import { ensureTopics } from '../events/kafka/admin.ts';
import type { Broker, OutgoingMessage } from '../events/kafka/broker.ts';
import { createCodec } from '../events/codec/codec.ts';
import type { Codec } from '../events/codec/codec.ts';
import { toHeaders } from '../events/codec/envelope.ts';
import { createBroker } from '../events/kafkajs/broker.ts';
import type { EventOrigin } from '../events/relay/outgoing.ts';
import { openRegistry } from '../events/codec/registry.ts';
import { findTopic } from '../events/catalogue/topics.ts';
import { createLog } from '../platform/log.ts';
import type { Log } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Metrics } from '../platform/metrics.ts';
import { startStack } from '../stack/launcher.ts';
import type { Db } from '../store/db.ts';
import { createDatabases } from './posting-databases.ts';
import type { Database, Databases } from './posting-databases.ts';

/** A database and topics of a bench's own, on the servers of the environment or on some it starts for itself. */
export type EventWorld = {
  /** What relay, consumers and streams take as their dependencies. */
  db: Db;
  broker: Broker;
  codec: Codec;
  origin: EventOrigin;
  metrics: Metrics;
  log: Log;
  crash: () => void;
  url: string;
  prefix: string;
  kafkaBrokers: readonly string[];
  /** One more fresh database of the same size, for a contestant that must not share tables. */
  databases: Databases;
  /**
   * Writes `count` events to a topic as the relay would have (headers, Avro, keys in turn) and resolves when all replicas
   * have them. `keys` is how many aggregates they belong to.
   */
  fillTopic(topic: string, count: number, options?: FillOptions): Promise<void>;
  /** So that what was written before is not paid for in what is measured next. */
  checkpoint(): Promise<void>;
  /** Deletes everything again and stops what was started. */
  close(): Promise<void>;
};

export type FillOptions = {
  keys?: number;
  eventOf?: EventOf;
  /** Each so many-th event is written twice, as by a relay that died before it heard the answer. */
  repeatEvery?: number;
};

/** The n-th event of a run, about one of `keys` players. */
export type EventOf = (playerId: string, n: number) => NewEvent<EventType>;

/** A small fact (about 60 bytes of Avro): the most that envelope and transport can weigh. */
export const scoreChanged: EventOf = (playerId, n) => ({
  type: 'leaderboard.score.changed.v1',
  key: playerId,
  data: { leaderboard: 'arena', playerId, score: `${n}` },
});

/** Which event stands for a topic when a bench does not say. */
const eventsOf: Record<string, EventOf> = {
  'leaderboard.score': scoreChanged,
  'game.player': (playerId, n) => ({
    type: 'game.player.left.v1',
    key: playerId,
    data: { playerId, matchId: `${n}` },
  }),
  'notifications.player': (playerId, n) => ({
    type: 'notifications.player.notified.v1',
    key: playerId,
    data: { notificationId: randomUUID(), playerId, type: 'bench', data: { n } },
  }),
};

const topicNames = Object.keys(eventsOf);
/** Records of one request; more gains nothing. */
const fillBatchCount = 5_000;
const sendDeadlineMs = 30_000;

/** As the administrator the database belongs to: the application may not. */
async function checkpoint(url: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query('CHECKPOINT').finally(() => admin.end());
}

export async function openEventWorld(name: string): Promise<EventWorld> {
  const folder = await mkdtemp(path.join(tmpdir(), `lootledger-bench-${name}-`));
  const stack = await startStack({ dir: folder, ports: 'free', services: ['postgres', 'kafka'] });
  const databases = await createDatabases(stack.databaseUrl, 20);
  const { db, url }: Database = await databases.open();
  const prefix = `bench-${randomUUID().slice(0, 8)}.`;
  const log = createLog('bench', 'warn');
  const broker = createBroker({ brokers: stack.kafkaBrokers, clientId: 'bench', prefix, log });
  const topics = topicNames.map(findTopic).filter((topic) => topic !== undefined);
  await ensureTopics(broker, { replicationCount: 1, topics });
  const codec = createCodec(await openRegistry(db));
  const origin = { source: '/lootledger/bench', ledgerEpoch: 1 };
  return {
    db,
    broker,
    codec,
    origin,
    metrics: createMetrics(),
    log,
    crash: () => {},
    url,
    prefix,
    kafkaBrokers: stack.kafkaBrokers,
    databases,
    checkpoint: () => checkpoint(url),
    fillTopic: (topic, count, options) =>
      fill(
        {
          broker,
          codec,
          origin,
        },
        topic,
        count,
        options,
      ),
    async close() {
      await broker.admin.deleteTopics(await broker.admin.listTopics()).catch(() => {});
      await broker.close();
      await databases.closeAll();
      await databases.drop();
      await stack.stop();
      await rm(folder, {
        recursive: true,
        force: true,
      });
    },
  };
}

async function fill(
  { broker, codec, origin }: Pick<EventWorld, 'broker' | 'codec' | 'origin'>,
  topic: string,
  count: number,
  { keys = 1_000, eventOf = eventsOf[topic] ?? scoreChanged, repeatEvery = Infinity }: FillOptions = {},
): Promise<void> {
  const playerIds = Array.from({ length: keys }, () => randomUUID());
  const time = new Date().toISOString();
  const message = (n: number): OutgoingMessage => {
    const { type, key, data } = eventOf(playerIds[n % keys] ?? '', n);
    const { value, schemaId } = codec.encode(type, data);
    const headers = toHeaders({
      id: timeOrderedId(),
      type,
      source: origin.source,
      subject: key,
      time,
      sequence: BigInt(Math.floor(n / keys) + 1),
      ledgerEpoch: origin.ledgerEpoch,
      schemaId,
      context: {},
    });
    return { topic, key: Buffer.from(key), value, headers };
  };
  for (let sent = 0; sent < count;) {
    const size = Math.min(fillBatchCount, count - sent);
    const messages = Array.from({ length: size }, (_, n) => message(sent + n));
    const twice = messages.filter((_, n) => (sent + n) % repeatEvery === repeatEvery - 1);
    await broker.send([...messages, ...twice], sendDeadlineMs);
    sent += size;
  }
}

/** As PostgreSQL's `uuidv7()` makes them for the outbox: an index of them grows at its end. */
function timeOrderedId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
