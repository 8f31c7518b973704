import { createRequire } from 'node:module';

/**
 * kafkajs copies a record's headers into a new object for each header, and counts offsets and times in 64-bit objects: with
 * our dozen headers that is more than all else a reader does. Here a record is read once, from front to back; what this
 * reader does not take for common it leaves to kafkajs. The format is Kafka's (`RecordBatch` v2,
 * https://kafka.apache.org/documentation/#record).
 */
export function hastenReading(): void {
  const load = createRequire(import.meta.url);
  const name = 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js';
  const original = load(name) as DecodeRecord;
  const cached = load.cache[load.resolve(name)];
  // kafkajs asks for its decoder with the first answer it reads
  if (cached !== undefined && !hastened.has(original)) {
    const fast: DecodeRecord = (decoder, context) => {
      const from = decoder.offset;
      const record = decodeRecord(decoder, context);
      if (record !== undefined) return record;
      decoder.offset = from;
      return original(decoder, context);
    };
    hastened.add(fast);
    cached.exports = fast;
  }
}

type Decoder = { readonly buffer: Buffer; offset: number };
type BatchContext = {
  firstOffset: string;
  firstTimestamp: string;
  maxTimestamp: string;
  timestampType: number;
  magicByte: number;
  isControlBatch: boolean;
};
type HeaderValue = Buffer | null;
type DecodedRecord = {
  magicByte: number;
  attributes: number;
  timestamp: string;
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, HeaderValue | HeaderValue[]>;
  isControlRecord: boolean;
  batchContext: BatchContext;
};
type DecodeRecord = (decoder: Decoder, context: BatchContext) => DecodedRecord;

const hastened = new WeakSet<DecodeRecord>();
const logAppendTime = 1;

/** Undefined for what is kafkajs's to read; the decoder stands anywhere then. */
export function decodeRecord(from: Decoder, batchContext: BatchContext): DecodedRecord | undefined {
  const { magicByte, isControlBatch: isControlRecord, timestampType, maxTimestamp } = batchContext;
  const firstOffset = Number(batchContext.firstOffset);
  const firstMs = Number(batchContext.firstTimestamp);
  if (!isCommon(firstOffset) || !isCommon(firstMs)) return undefined;

  const attributes = from.buffer.readInt8(from.offset++);
  const deltaFrom = from.offset;
  const timestampDelta = readVarint(from);
  // longer is a difference of days
  if (from.offset - deltaFrom > 4) return undefined;
  const offset = `${firstOffset + readVarint(from)}`;
  const key = readBytes(from);
  const value = readBytes(from);
  const headers = readHeaders(from);
  if (headers === undefined) return undefined;
  const timestamp = timestampType === logAppendTime ? maxTimestamp : `${firstMs + timestampDelta}`;
  return { magicByte, attributes, timestamp, offset, key, value, headers, isControlRecord, batchContext };
}

const countMax = Number.MAX_SAFE_INTEGER - 2 ** 32;
const isCommon = (count: number): boolean => count >= 0 && count <= countMax;

function readHeaders(from: Decoder): DecodedRecord['headers'] | undefined {
  const headers: DecodedRecord['headers'] = {};
  for (let count = readVarint(from); count > 0; count -= 1) {
    const name = readName(from);
    if (name === undefined) return undefined;
    const value = readBytes(from);
    const before = headers[name];
    headers[name] =
      before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return headers;
}

const names = new Map<number, { text: string; bytes: Buffer }>();
const nameCountMax = 1_000;

/** The same few names come again and again. Undefined for one that every object has without being told. */
function readName(from: Decoder): string | undefined {
  const length = readVarint(from);
  const { buffer, offset } = from;
  from.offset += length;
  let sum = length;
  for (let n = 0; n < length; n += 1) sum = (Math.imul(sum, 31) + (buffer[offset + n] ?? 0)) | 0;
  const known = names.get(sum);
  if (known !== undefined && isAt(known.bytes, buffer, offset, length)) return known.text;
  const text = buffer.toString('utf8', offset, offset + length);
  if (text in Object.prototype) return undefined;
  if (known === undefined && names.size < nameCountMax)
    names.set(sum, { text, bytes: Buffer.from(buffer.subarray(offset, offset + length)) });
  return text;
}

function isAt(bytes: Buffer, buffer: Buffer, at: number, length: number): boolean {
  if (bytes.length !== length) return false;
  for (let n = 0; n < length; n += 1) if (bytes[n] !== buffer[at + n]) return false;
  return true;
}

function readBytes(from: Decoder): Buffer | null {
  const length = readVarint(from);
  if (length === -1) return null;
  const start = from.offset;
  from.offset += length;
  return from.buffer.subarray(start, from.offset);
}

function readVarint(from: Decoder): number {
  let value = 0;
  let shift = 0;
  let byte;
  do {
    byte = from.buffer[from.offset++] ?? 0;
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte > 0x7f);
  return (value >>> 1) ^ -(value & 1);
}
