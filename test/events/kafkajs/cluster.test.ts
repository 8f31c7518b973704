import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BrokerRefusal } from '../../../events/kafka/broker.ts';
import type { Broker, Placement } from '../../../events/kafka/broker.ts';
import { createLog } from '../../../platform/log.ts';
import { startKafkaCluster } from '../../../stack/kafka-cluster.ts';
import { adapters, createTopic } from './adapters.ts';
import { join, message, readAll, sendDeadlineMs, textOf } from './traffic.ts';

const dir = await mkdtemp(path.join(tmpdir(), 'lootledger-cluster-'));
const cluster = await startKafkaCluster({ dir, nodeCount: 3 });
afterAll(async () => {
  await cluster.stop();
  await rm(dir, { recursive: true, force: true });
});

describe.each(adapters)('$name, three brokers of which two must have every record', ({ open }) => {
  test(
    'a broker killed under load loses nothing acknowledged, keeps the order of keys, stops no reader',
    { timeout: 300_000 },
    async () => {
      await Promise.all(cluster.nodes.map((node) => node.start()));
      const broker = open({
        brokers: cluster.brokers,
        clientId: 'cluster',
        prefix: '',
        log: createLog('test', 'silent'),
      });
      const topic = `replicated-${randomUUID().slice(0, 8)}`;
      const settings = { 'min.insync.replicas': '2' };
      await createTopic(broker, { topic, partitionCount: 6, replicationCount: 3, settings });
      expect(await broker.admin.describeTopic(topic)).toMatchObject({ replicationCount: 3, settings });

      const heard = new Set<string>();
      const member = await join(broker, {
        topics: [topic],
        onRecords: (records) => records.forEach((record) => heard.add(textOf(record))),
      });
      const lanes = Array.from({ length: 3 }, (_, n) => startLane(broker, topic, n));
      const everyLane = (count: number) => () =>
        lanes.every(({ acknowledged }) => acknowledged.length >= count);
      await expect.poll(everyLane(200)).toBe(true);
      await cluster.nodes[0]!.stop('SIGKILL');
      const soFar = Math.max(...lanes.map(({ acknowledged }) => acknowledged.length));
      await expect.poll(everyLane(soFar + 200)).toBe(true);
      const acknowledged = (await Promise.all(lanes.map((lane) => lane.stop()))).flat();
      await expect.poll(() => acknowledged.every(({ value }) => heard.has(value))).toBe(true);
      await member.stop();

      const log = await readAll(broker, topic);
      const at = new Map(log.map((record) => [`${record.partition}/${record.offset}`, textOf(record)]));
      for (const { value, partition, offset } of acknowledged)
        expect(at.get(`${partition}/${offset}`)).toBe(value);
      for (const records of Map.groupBy(log, ({ key }) => key?.toString()).values()) {
        // one that was sent again may stand twice; what counts is where it stood first
        const first = [...new Set(records.map(textOf))].map((value) => Number(value.split('/')[1]));
        expect(first).toEqual(first.toSorted((a, b) => a - b));
      }

      // with one of three left nothing can be acknowledged, whoever leads, and that is no fault of the messages
      await cluster.nodes[1]!.stop('SIGKILL');
      const alone = Array.from({ length: 12 }, (_, n) =>
        broker.send([message(topic, `k${n}`, 'alone')], 3_000).catch((error: unknown) => error),
      );
      for (const answer of await Promise.all(alone)) {
        expect(answer).toBeInstanceOf(Error);
        expect(answer).not.toBeInstanceOf(BrokerRefusal);
      }
      await broker.close();
    },
  );
});

type Acknowledged = Placement & { value: string };

/** As a shard of the relay: one request in flight, and after an error the same messages before any other. */
function startLane(broker: Broker, topic: string, lane: number) {
  const acknowledged: Acknowledged[] = [];
  let isStopped = false;
  const sending = (async () => {
    for (let n = 0; !isStopped; n += 10) {
      const values = Array.from({ length: 10 }, (_, k) => `${lane}/${n + k}`);
      const messages = values.map((value, k) => message(topic, `${lane}-${k % 5}`, value));
      const placements = await sendUntilAcknowledged(messages);
      acknowledged.push(...placements.map((placement, k) => ({ ...placement, value: values[k]! })));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  async function sendUntilAcknowledged(messages: ReturnType<typeof message>[]): Promise<Placement[]> {
    for (let attempt = 0; ; attempt += 1)
      try {
        return await broker.send(messages, sendDeadlineMs);
      } catch (error) {
        if (attempt === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
  }
  return {
    acknowledged,
    async stop() {
      isStopped = true;
      await sending;
      return acknowledged;
    },
  };
}
