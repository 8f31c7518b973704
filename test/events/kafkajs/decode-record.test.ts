import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { decodeRecord, hastenReading } from '../../../events/kafkajs/decode-record.ts';

type Decode = (decoder: { buffer: Buffer; offset: number }, context: object) => object;
const load = createRequire(import.meta.url);
const encode = load('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (record: object) => {
  buffer: Buffer;
};
const Decoder = load('kafkajs/src/protocol/decoder.js') as new (
  buffer: Buffer,
) => Parameters<Decode>[0] & { readVarInt(): number };
const name = 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js';
const original = load(name) as Decode;
hastenReading();
const fast = load(name) as Decode;

const bytes = (length: number) => Buffer.alloc(length, 'x');
const lengths = [0, 1, 63, 64, 8_191, 8_192, 1_048_576];
const context = {
  firstOffset: '9007199254',
  firstTimestamp: '1790000000000',
  maxTimestamp: '1790000000123',
  timestampType: 0,
  magicByte: 2,
  isControlBatch: false,
};
type Sent = { key: Buffer | null; value: Buffer | null; headers: Record<string, Buffer | Buffer[]> };
const records: Sent[] = [
  ...lengths.map((length) => ({ key: bytes(length), value: bytes(3), headers: { a: bytes(length) } })),
  ...lengths.map((length) => ({ key: null, value: bytes(length), headers: {} })),
  { key: bytes(2), value: null, headers: { twice: [bytes(1), bytes(200), bytes(0)], ñandú: bytes(5) } },
  { key: bytes(2), value: null, headers: { ce_time: bytes(1), ce_type: bytes(2), ñandú: bytes(5) } },
  { key: null, value: bytes(1), headers: { constructor: bytes(1) } },
  { key: null, value: bytes(1), headers: Object.fromEntries([['__proto__', bytes(1)]]) },
  {
    key: bytes(1),
    value: bytes(1),
    headers: Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`h${n}`, bytes(n)])),
  },
];

function decoded(decode: Decode, buffer: Buffer, within: object) {
  const decoder = new Decoder(buffer);
  decoder.readVarInt();
  return decode(decoder, within);
}

/** Whether it is read here as kafkajs has read it. */
function isAlike(record: object, within: object = context): boolean {
  const { buffer } = encode(record);
  return isDeepStrictEqual(decoded(original, buffer, within), decoded(fast, buffer, within));
}

test('a record is read as kafkajs reads it, at every width of its lengths, with times of its own or the broker', () => {
  expect(fast).not.toBe(original);
  for (const record of records)
    for (const offsetDelta of [0, 63, 64, 8_191, 8_192, 100_000])
      for (const timestampDelta of [0, 64, -1, 8_192])
        for (const timestampType of [0, 1])
          expect(isAlike({ ...record, offsetDelta, timestampDelta }, { ...context, timestampType })).toBe(
            true,
          );
});

test.each([
  ['an offset beyond what a number counts', { firstOffset: '9223372036854775000' }],
  ['a time before all times', { firstTimestamp: '-9223372036854775808' }],
  ['a time beyond what a number counts', { firstTimestamp: '9223372036854775000' }],
  ['the end of a transaction', { isControlBatch: true }],
])('what is not common is read as kafkajs reads it: %s', (_, uncommon) => {
  for (const timestampDelta of [0, 5_000_000_000]) {
    const record = {
      key: bytes(1),
      value: bytes(2),
      headers: { a: bytes(3) },
      offsetDelta: 7,
      timestampDelta,
    };
    expect(isAlike(record, { ...context, ...uncommon })).toBe(true);
  }
});

test('none of that is left to kafkajs but names that every object has', () => {
  const left = records.filter((record) => {
    const decoder = new Decoder(encode({ ...record, offsetDelta: 1, timestampDelta: 1 }).buffer);
    decoder.readVarInt();
    return decodeRecord(decoder, context) === undefined;
  });
  expect(left.map(({ headers }) => Object.getOwnPropertyNames(headers))).toStrictEqual([
    ['constructor'],
    ['__proto__'],
  ]);
});

test('a difference of times wider than the common ones is read', () => {
  for (const timestampDelta of [134_217_727, 134_217_728, 5_000_000_000, -5_000_000_000])
    expect(isAlike({ key: null, value: null, headers: {}, offsetDelta: 1, timestampDelta })).toBe(true);
});
