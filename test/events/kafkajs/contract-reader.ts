import kafkajs from 'kafkajs';
import { expect, inject, test } from 'vitest';
import type { World } from './adapters.ts';
import { join, message, readAll, sendDeadlineMs, textOf } from './traffic.ts';

/** What `readFrom` promises, and what readers see of transactions. */
export function readerContract({ broker, prefix, topic: newTopic }: World): void {
  const never = new AbortController().signal;
  const fill = (topic: string, count: number) =>
    broker.send(
      Array.from({ length: count }, (_, n) => message(topic, `k${n}`, `${n}`)),
      sendDeadlineMs,
    );

  test('a window is read from its offsets to its ends, in order per partition, and commits nothing', async () => {
    const topic = await newTopic(3);
    await fill(topic, 300);
    const ends = await broker.admin.partitionEnds(topic);
    const windows = ends.map(({ partition, endOffset }) => ({
      topic,
      partition,
      offset: 5n,
      endOffset: endOffset - 3n,
    }));
    const seen = new Map<number, bigint[]>(ends.map(({ partition }) => [partition, []]));
    const onRecords = (records: readonly { partition: number; offset: bigint }[]) => {
      for (const { partition, offset } of records) seen.get(partition)?.push(offset);
    };
    await broker.readFrom({ partitions: windows, onRecords, signal: never });
    for (const { partition, offset, endOffset } of windows)
      expect(seen.get(partition)).toEqual(
        Array.from({ length: Number(endOffset - offset) }, (_, n) => offset + BigInt(n)),
      );
  });

  test('windows that are empty or gone end at once', async () => {
    const topic = await newTopic(2);
    await fill(topic, 10);
    const partitions = [0, 1].map((partition) => ({ topic, partition, offset: 4n, endOffset: 4n }));
    const onRecords = () => expect.unreachable();
    await broker.readFrom({ partitions, onRecords, signal: never });
    await broker.readFrom({ partitions: [], onRecords, signal: never });
  });

  test('an end that is yet to come is waited for, until the signal', async () => {
    const topic = await newTopic();
    await fill(topic, 2);
    const seen: string[] = [];
    const reading = broker.readFrom({
      partitions: [{ topic, partition: 0, offset: 1n, endOffset: 4n }],
      onRecords: (records) => void seen.push(...records.map(textOf)),
      signal: never,
    });
    await expect.poll(() => seen.length).toBe(1);
    await fill(topic, 5);
    await reading;
    expect(seen).toEqual(['1', '0', '1']);
    const stop = new AbortController();
    const partitions = [{ topic, partition: 0, offset: 0n, endOffset: 1_000n }];
    const onRecords = () => stop.abort(new Error('seen enough'));
    await expect(broker.readFrom({ partitions, onRecords, signal: stop.signal })).rejects.toThrow(
      'seen enough',
    );
  });

  test('a slow handler holds the reader back, and its error ends it', async () => {
    const topic = await newTopic();
    const value = 'x'.repeat(50_000);
    for (let n = 0; n < 8; n += 1)
      await broker.send(
        Array.from({ length: 15 }, (_, k) => message(topic, `${k}`, value)),
        sendDeadlineMs,
      );
    let atOnce = 0;
    let most = 0;
    let count = 0;
    const partitions = [{ topic, partition: 0, offset: 0n, endOffset: 120n }];
    const slowly = async (records: readonly unknown[]) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 30));
      atOnce -= 1;
      count += records.length;
    };
    await broker.readFrom({ partitions, onRecords: slowly, signal: never });
    expect({ most, count }).toEqual({ most: 1, count: 120 });
    const failing = () => Promise.reject(new Error('mine'));
    await expect(broker.readFrom({ partitions, onRecords: failing, signal: never })).rejects.toThrow('mine');
  });

  // The port writes no transactions: an outbox row leaves Kafka and the database consistent without. Others may.
  test("of somebody's transactions only what was committed is seen, and a window may end in their marks", async () => {
    const topic = await newTopic();
    const kafka = new kafkajs.Kafka({
      brokers: [...inject('servers').kafkaBrokers],
      logLevel: kafkajs.logLevel.NOTHING,
    });
    const producer = kafka.producer({
      transactionalId: `${prefix}tx`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    for (const [value, isCommitted] of [
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', false],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: prefix + topic, messages: [{ key: 'k', value }] });
      await (isCommitted ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    expect((await readAll(broker, topic)).map(textOf)).toEqual(['a', 'c']);
    const seen: string[] = [];
    const member = await join(broker, {
      topics: [topic],
      onRecords: (records) => void seen.push(...records.map(textOf)),
    });
    await broker.send([message(topic, 'k', 'e')], sendDeadlineMs);
    await expect.poll(() => seen).toEqual(['a', 'c', 'e']);
    await member.stop();
  });
}
