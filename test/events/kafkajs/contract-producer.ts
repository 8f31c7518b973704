import { expect, test } from 'vitest';
import { BrokerRefusal } from '../../../events/kafka/broker.ts';
import type { OutgoingMessage, Placement } from '../../../events/kafka/broker.ts';
import type { World } from './adapters.ts';
import { keyVectors, partitionCount } from './key-vectors.ts';
import { message, readAll, sendDeadlineMs, textOf } from './traffic.ts';

/** What `send` promises: see the port. */
export function producerContract({ broker, topic: newTopic }: World): void {
  const send = (...messages: OutgoingMessage[]) => broker.send(messages, sendDeadlineMs);

  /** Whatever was acknowledged stands where Kafka said. */
  async function expectPlaced(topic: string, sent: readonly [OutgoingMessage, Placement][]): Promise<void> {
    const log = new Map((await readAll(broker, topic)).map((record) => [record.offset, textOf(record)]));
    for (const [{ value }, { offset }] of sent) expect(log.get(offset)).toBe(value?.toString());
  }

  async function sendPlaced(...messages: OutgoingMessage[]): Promise<[OutgoingMessage, Placement][]> {
    const placements = await send(...messages);
    return messages.map((each, n) => [each, placements[n]!]);
  }

  test('placements come in the order given, over topics and partitions', async () => {
    const [one, two] = [await newTopic(3), await newTopic()];
    const messages = Array.from({ length: 50 }, (_, n) =>
      message(n % 3 === 0 ? two : one, `k${n % 7}`, `${n}`),
    );
    const sent = await sendPlaced(...messages);
    const places = new Map(
      [...(await readAll(broker, one)), ...(await readAll(broker, two))].map((record) => [
        `${record.topic}/${record.partition}/${record.offset}`,
        textOf(record),
      ]),
    );
    expect(places.size).toBe(50);
    for (const [{ topic, value }, { partition, offset }] of sent)
      expect(places.get(`${topic}/${partition}/${offset}`)).toBe(value?.toString());
  });

  test('after a partly refused request nothing acknowledged is missing from the log', async () => {
    const accepting = await newTopic();
    const refusing = await newTopic(1, { 'max.message.bytes': '1000' });
    const good = (value: string) => message(accepting, 'k', value);
    const sent = await sendPlaced(good('before'));
    const tooLarge = message(refusing, 'k', 'x'.repeat(2_000));
    await expect(send(good('beside'), tooLarge)).rejects.toThrow(BrokerRefusal);
    // other words than those refused: a client that takes its sequence numbers back would have them taken for repeats
    sent.push(...(await sendPlaced(good('next'))));
    sent.push(...(await sendPlaced(good('beside'))));
    sent.push(...(await sendPlaced(good('after'), good('and after'))));
    await expectPlaced(accepting, sent);
    expect((await readAll(broker, refusing)).length).toBe(0);
    sent.push(...(await sendPlaced(good('last'), message(refusing, 'k', 'small'))).slice(0, 1));
    await expectPlaced(accepting, sent);
  });

  test('bytes, nulls and repeated headers arrive as they were sent', async () => {
    const topic = await newTopic();
    const bytes = Buffer.from([0x00, 0xff, 0xfe, 0x80, 0xc3, 0x28]);
    const repeated = [Buffer.from('first'), Buffer.from(''), bytes];
    await send(
      { topic, key: bytes, value: bytes, headers: { one: Buffer.from('ä'), many: repeated } },
      { topic, key: null, value: Buffer.alloc(0), headers: {} },
      { topic, key: Buffer.alloc(0), value: null, headers: { empty: Buffer.alloc(0) } },
    );
    const [first, second, third] = await readAll(broker, topic);
    expect(first).toMatchObject({ key: bytes, value: bytes });
    expect(first?.headers).toEqual({ one: Buffer.from('ä'), many: repeated });
    expect(second).toMatchObject({ key: null, value: Buffer.alloc(0), headers: {} });
    expect(third).toMatchObject({ key: Buffer.alloc(0), value: null, headers: { empty: Buffer.alloc(0) } });
  });

  test('what was read can be sent on and is the same again', async () => {
    const [topic, copies] = [await newTopic(), await newTopic()];
    const headers = { many: [Buffer.from([0xff]), Buffer.from('b')], one: Buffer.from([0x80, 0]) };
    await send({ topic, key: Buffer.from([0xfe]), value: Buffer.from([0, 1]), headers });
    const [original] = await readAll(broker, topic);
    const { key, value } = original!;
    await send({ topic: copies, key, value, headers: original!.headers });
    const [copy] = await readAll(broker, copies);
    expect(copy).toMatchObject({ key, value, headers });
  });

  test("keys fall where Java's producer puts them", async () => {
    const topic = await newTopic(partitionCount);
    const keyed = keyVectors.map(({ hex }) => ({
      topic,
      key: Buffer.from(hex, 'hex'),
      value: null,
      headers: {},
    }));
    const placed = await broker.send(keyed, sendDeadlineMs);
    expect(placed.map(({ partition }) => partition)).toEqual(keyVectors.map(({ partition }) => partition));
  });

  test('messages without a key are spread', async () => {
    const topic = await newTopic(4);
    const keyless = Array.from({ length: 40 }, (_, n) => message(topic, null, `${n}`));
    const placed = await broker.send(keyless, sendDeadlineMs);
    expect(new Set(placed.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test('a topic that is missing is a refusal, also when it was there before, and nobody else is held up', async () => {
    const [staying, going] = [await newTopic(), await newTopic()];
    await send(message(staying, 'k', '1'), message(going, 'k', '1'));
    await broker.admin.deleteTopics([going]);
    await expect(send(message(going, 'k', '2'))).rejects.toThrow(BrokerRefusal);
    await expect(send(message('never there', 'k', '2'))).rejects.toThrow(/INVALID_TOPIC|UNKNOWN_TOPIC/);
    await expectPlaced(staying, await sendPlaced(message(staying, 'k', '2')));
  });
}
