import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { hastenRecords } from '../../../events/kafkajs/encode-record.ts';

type Encode = (record: object) => { buffer: Buffer };
const load = createRequire(import.meta.url);
const name = 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
const original = load(name) as Encode;
hastenRecords();
const fast = load(name) as Encode;

const bytes = (length: number) => Buffer.alloc(length, 'x');
const lengths = [0, 1, 47, 48, 49, 63, 64, 100, 8_191, 8_192, 1_048_576];

test('a record is encoded as kafkajs encodes it, byte for byte, at every width of its lengths', () => {
  expect(fast).not.toBe(original);
  const records = [
    ...lengths.map((length) => ({ key: bytes(length), value: bytes(3), headers: { a: bytes(length) } })),
    ...lengths.map((length) => ({ key: null, value: bytes(length), headers: {} })),
    { key: bytes(2), value: null, headers: { twice: [bytes(1), bytes(200)], ñandú: bytes(5) } },
    {
      key: bytes(1),
      value: bytes(1),
      headers: Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`h${n}`, bytes(n)])),
    },
  ];
  for (const record of records)
    for (const offsetDelta of [0, 63, 64, 8_191, 8_192, 100_000]) {
      const whole = { ...record, offsetDelta, timestampDelta: 0 };
      expect(fast(whole).buffer.equals(original(whole).buffer)).toBe(true);
    }
});

test('what our port never makes (text, times of its own) is left to kafkajs', () => {
  for (const record of [
    { key: 'k', value: 'v', headers: {}, offsetDelta: 1, timestampDelta: 0 },
    { key: null, value: bytes(1), headers: { h: 'text' }, offsetDelta: 1, timestampDelta: 0 },
    { key: null, value: bytes(1), headers: {}, offsetDelta: 1, timestampDelta: 5_000 },
  ])
    expect(fast(record).buffer.equals(original(record).buffer)).toBe(true);
});
