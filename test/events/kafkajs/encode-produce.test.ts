import { createRequire } from 'node:module';
import { expect, onTestFinished, test, vi } from 'vitest';
import { encodeProduce, hastenProducing } from '../../../events/kafkajs/encode-produce.ts';

type Asked = Parameters<typeof encodeProduce>[0];
type Encode = (asked: object) => { encode(): Promise<{ buffer: Buffer }> };
const load = createRequire(import.meta.url);
const name = 'kafkajs/src/protocol/requests/produce/v3/request.js';
const original = load(name) as Encode;
hastenProducing();
const fast = load(name) as Encode;

const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, n) => n % 251));
const lengths = [0, 1, 47, 48, 49, 63, 64, 100, 8_191, 8_192, 1_048_576];
const messages = [
  ...lengths.map((length) => ({ key: bytes(length), value: bytes(3), headers: { a: bytes(length) } })),
  ...lengths.map((length) => ({ key: null, value: bytes(length), headers: {} })),
  {
    key: bytes(2),
    value: null,
    headers: Object.fromEntries([
      ['twice', [bytes(1), bytes(200)]],
      ['ñandú', bytes(5)],
    ]),
  },
  {
    key: bytes(1),
    value: bytes(1),
    headers: Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`h${n}`, bytes(n)])),
  },
];
const many = Array.from({ length: 8_200 }, (_, n) => ({ key: null, value: bytes(n % 9), headers: {} }));
const asked = {
  acks: -1,
  timeout: 10_000,
  producerId: -1,
  producerEpoch: 0,
  topicData: [
    {
      topic: 'game.player',
      partitions: messages.map((message, partition) => ({
        partition,
        firstSequence: 0,
        messages: [message, message],
      })),
    },
    { topic: 'ñ'.repeat(100), partitions: [{ partition: 3, firstSequence: 0, messages: many }] },
  ],
} satisfies Asked;

const stopTheClock = () => {
  vi.useFakeTimers({ now: 1_790_000_000_123, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
};

test('a request is encoded as kafkajs encodes it, byte for byte, at every width of its lengths', async () => {
  stopTheClock();
  expect(fast).not.toBe(original);
  expect(encodeProduce(asked)).toBeDefined();
  const [theirs, ours] = await Promise.all([original(asked).encode(), fast(asked).encode()]);
  expect(ours.buffer.equals(theirs.buffer)).toBe(true);
});

test('what our port never makes (text, times, transactions, compression) is left to kafkajs', async () => {
  stopTheClock();
  const plain = { key: null, value: bytes(1), headers: {} };
  const other = (message: object): Asked => ({
    ...asked,
    topicData: [
      {
        topic: 't',
        partitions: [{ partition: 0, firstSequence: 0, messages: [{ ...plain, ...message }, plain] }],
      },
    ],
  });
  for (const request of [
    other({ key: 'k', value: 'v' }),
    other({ headers: { h: 'text' } }),
    other({ timestamp: 5_000 }),
    { ...other({}), compression: 1 },
    { ...other({}), transactionalId: 'one', producerId: 7 },
    { ...other({}), producerId: 7 },
  ]) {
    expect(encodeProduce(request)).toBeUndefined();
    const [theirs, ours] = await Promise.all([original(request).encode(), fast(request).encode()]);
    expect(ours.buffer.equals(theirs.buffer)).toBe(true);
  }
});
