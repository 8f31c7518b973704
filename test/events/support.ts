import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import type { EventType, NewEvent } from '../../domain/events.ts';
import { ensureTopics } from '../../events/kafka/admin.ts';
import type { Broker, DeliveredRecord } from '../../events/kafka/broker.ts';
import { createCodec } from '../../events/codec/codec.ts';
import type { Codec } from '../../events/codec/codec.ts';
import type { EventOrigin } from '../../events/relay/outgoing.ts';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { openRegistry } from '../../events/codec/registry.ts';
import { startRelay } from '../../events/relay/relay.ts';
import type { Running } from '../../events/consumer/handler.ts';
import { deadLetterTopicOf, findTopic } from '../../events/catalogue/topics.ts';
import { createLog } from '../../platform/log.ts';
import type { Log } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { appendEvents } from '../../store/outbox/append-events.ts';
import { testDatabase } from '../support/database.ts';

export type EventTools = {
  db: Db;
  url: string;
  prefix: string;
  broker: Broker;
  codec: Codec;
  origin: EventOrigin;
  metrics: Metrics;
  log: Log;
  crash(): void;
};

/** A database, a topic prefix and the given topics (one partition each unless said) of this file's own. */
export async function eventTools(
  topicNames: readonly string[],
  partitionCountMax = 1,
  brokers: readonly string[] = inject('servers').kafkaBrokers,
): Promise<EventTools> {
  const { db, url } = await testDatabase();
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const log = createLog('test', 'silent');
  const broker = createBroker({ brokers, clientId: 'test', prefix, log });
  const topics = topicNames.flatMap((name) => {
    const found = [findTopic(name), findTopic(deadLetterTopicOf(name))];
    return found.filter((topic) => topic !== undefined);
  });
  await ensureTopics(broker, { replicationCount: 1, partitionCountMax, topics });
  afterAll(async () => {
    await Promise.all(stopAtEnd.map((part) => part.stop()));
    await broker.admin.deleteTopics(topics.map(({ name }) => name)).catch(() => {});
    await broker.close();
  });
  const codec = createCodec(await openRegistry(db));
  const origin = { source: '/lootledger/test', ledgerEpoch: 1 };
  return { db, url, prefix, broker, codec, origin, metrics: createMetrics(), log, crash: () => {} };
}

/** Stopped by the test or at the latest with the file, before its database goes. */
export function relayFor(tools: EventTools): Running {
  const relay = startRelay(tools);
  stopAtEnd.push(relay);
  return relay;
}

const stopAtEnd: Running[] = [];

export const tell = (db: Db, ...events: NewEvent<EventType>[]): Promise<void> =>
  db.transaction((tx) => appendEvents(tx, events));

/** Everything a topic holds now, in order of partition and offset. */
export async function readTopic(broker: Broker, topic: string): Promise<DeliveredRecord[]> {
  const ends = await broker.admin.partitionEnds(topic);
  const wanted = ends.reduce((sum, { startOffset, endOffset }) => sum + Number(endOffset - startOffset), 0);
  if (wanted === 0) return [];
  const records: DeliveredRecord[] = [];
  const all = Promise.withResolvers<void>();
  const member = await broker.join({
    group: `read-${randomUUID()}`,
    topics: [topic],
    from: 'earliest',
    onAssigned: () => {},
    onRebalancing: () => {},
    onRecords: (batch) => {
      records.push(...batch);
      if (records.length >= wanted) all.resolve();
    },
    onEnded: all.reject,
  });
  await all.promise;
  await member.stop();
  return records.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
}

/** Waits until the answer is true (or not undefined); fails with what was last seen. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<NonNullable<T>> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > untilMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const countRows = async (db: Db, table: string, where = 'true'): Promise<number> =>
  (await db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table} WHERE ${where}`)).rows[0]
    ?.count ?? -1;

/** How many events came again and were dropped. */
export const duplicateCountOf = async ({ inboxDuplicates }: Metrics): Promise<number> =>
  (await inboxDuplicates.get()).values.reduce((sum, { value }) => sum + value, 0);
