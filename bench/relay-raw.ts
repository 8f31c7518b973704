import kafkajs from 'kafkajs';
import { createCodec } from '../events/codec/codec.ts';
import { openRegistry } from '../events/codec/registry.ts';
import { toMessage } from '../events/relay/outgoing.ts';
import type { EventOrigin } from '../events/relay/outgoing.ts';
import { openDb } from '../store/db.ts';
import { claimRows } from '../store/outbox/claim-rows.ts';

/**
 * kafkajs alone, in a process of its own as the relay would be, and untouched by what our adapter changes in it: acks of all
 * replicas, one request in flight per lane, messages made before the clock runs. No database, nothing to encode.
 */
export type RawTask =
  /** Makes the relay's own requests of what waits: its lanes and sizes, its keys, values and headers. */
  | { task: 'read'; url: string; origin: EventOrigin }
  /** Sends them; answers the time that took. */
  | { task: 'send'; brokers: readonly string[]; topic: string };

const shardCount = 16;
const laneCount = 4;
const requestCount = 1_000;

/** Requests in order, for each of the lanes that send side by side. */
let lanes: kafkajs.Message[][][] = [];
let producer: kafkajs.Producer | undefined;

process.on('message', (task: RawTask) => {
  void (task.task === 'read' ? read(task) : send(task)).then((answer) => process.send?.(answer));
});

async function read({ url, origin }: { url: string; origin: EventOrigin }): Promise<number> {
  const db = openDb({ url, connectionCountMax: 2 });
  const codec = createCodec(await openRegistry(db));
  lanes = [];
  for (let lane = 0; lane < laneCount; lane++) {
    const shards = Array.from({ length: shardCount / laneCount }, (_, n) => n * laneCount + lane);
    const rows = await claimRows(db, shards, { countMaxPerShard: 1_000_000 });
    const messages = rows.map((row) => {
      const { key, value, headers } = toMessage(row, codec, origin);
      return { key, value, headers };
    });
    lanes.push(
      Array.from({ length: Math.ceil(messages.length / requestCount) }, (_, n) =>
        messages.slice(n * requestCount, (n + 1) * requestCount),
      ),
    );
  }
  await db.close();
  return lanes.flat(2).length;
}

async function send({ brokers, topic }: { brokers: readonly string[]; topic: string }): Promise<number> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.ERROR });
  producer ??= kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const open = producer;
  const startedAtMs = performance.now();
  await Promise.all(
    lanes.map(async (requests) => {
      for (const messages of requests)
        await open.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] });
    }),
  );
  return performance.now() - startedAtMs;
}
