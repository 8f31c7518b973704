import { createRequire } from 'node:module';
import { crc32c } from './crc32c.ts';

/**
 * kafkajs gives every header of every record a zeroed buffer of 512 bytes and copies it into the record's, the batch's, the
 * partition's, the topic's and the request's: with our dozen headers that is most of what sending takes. Here a request is
 * measured, then written once. The format is Kafka's (`RecordBatch` v2, https://kafka.apache.org/documentation/#recordbatch;
 * `ProduceRequest` v3, https://kafka.apache.org/protocol#The_Messages_Produce): varints are zigzag, lengths come first.
 */
export function hastenProducing(): void {
  const load = createRequire(import.meta.url);
  const name = 'kafkajs/src/protocol/requests/produce/v3/request.js';
  const original = load(name) as MakeRequest;
  const cached = load.cache[load.resolve(name)];
  // kafkajs asks for its later versions, which are made of this one, with the first request it makes
  if (cached === undefined || hastened.has(original)) return;
  const fast: MakeRequest = (asked) => {
    const request = original(asked);
    return { ...request, encode: async () => encodeProduce(asked) ?? request.encode() };
  };
  hastened.add(fast);
  cached.exports = fast;
}

type PlainMessage = { key: Buffer | null; value: Buffer | null; headers: Record<string, Buffer | Buffer[]> };
type Message = { key?: unknown; value: unknown; headers?: Record<string, unknown>; timestamp?: unknown };
type Partition<M> = { partition: number; firstSequence: number; messages: readonly M[] };
type Asked<M> = {
  acks: number;
  timeout: number;
  transactionalId?: string | null | undefined;
  producerId?: unknown;
  producerEpoch?: number;
  compression?: number;
  topicData: readonly { topic: string; partitions: readonly Partition<M>[] }[];
};
/** What kafkajs reads of an encoder that it copies into another. */
type Encoded = { buf: Buffer; buffer: Buffer };
type MakeRequest = (asked: Asked<Message>) => { encode(): Promise<Encoded> };

const hastened = new WeakSet<MakeRequest>();

const isBytes = (value: unknown): boolean => value === null || Buffer.isBuffer(value);

/** A request as our port makes it; what others ask of kafkajs it encodes itself. */
const isOurs = (asked: Asked<Message>): asked is Asked<PlainMessage> =>
  (asked.transactionalId ?? null) === null &&
  (asked.producerId === undefined || asked.producerId === -1) &&
  (asked.compression ?? 0) === 0 &&
  asked.topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(isPlain)));

function isPlain({ key, value, headers, timestamp }: Message): boolean {
  if ((timestamp ?? null) !== null || headers === undefined || !isBytes(key) || !isBytes(value)) return false;
  for (const name in headers) {
    const header = headers[name];
    if (!(Array.isArray(header) ? header.every(Buffer.isBuffer) : Buffer.isBuffer(header))) return false;
  }
  return true;
}

/** Undefined for what is kafkajs's to encode. */
export function encodeProduce(asked: Asked<Message>): Encoded | undefined {
  if (!isOurs(asked)) return undefined;
  const topics = asked.topicData.map(({ topic, partitions }) => {
    const name = Buffer.from(topic);
    const batches = partitions.map((partition) => ({ ...partition, ...measure(partition.messages) }));
    const bytes = batches.reduce((sum, batch) => sum + 8 + batchHeadBytes + batch.bytes, 0);
    return { name, batches, bytes: 2 + name.length + 4 + bytes };
  });
  const buf = Buffer.allocUnsafe(2 + 2 + 4 + 4 + topics.reduce((sum, { bytes }) => sum + bytes, 0));
  let at = buf.writeInt16BE(-1, 0);
  at = buf.writeInt16BE(asked.acks, at);
  at = buf.writeInt32BE(asked.timeout, at);
  at = buf.writeInt32BE(topics.length, at);
  for (const { name, batches } of topics) {
    at = buf.writeInt16BE(name.length, at);
    at += name.copy(buf, at);
    at = buf.writeInt32BE(batches.length, at);
    for (const batch of batches) {
      at = buf.writeInt32BE(batch.partition, at);
      at = buf.writeInt32BE(batchHeadBytes + batch.bytes, at);
      at = writeBatch(buf, at, batch, asked.producerEpoch ?? 0);
    }
  }
  return { buf, buffer: buf };
}

/** The records' own bytes, each without its length, and what each has for headers: label, value, label, value. */
type Measured = { bytes: number; bodyBytes: number[]; headers: Buffer[][] };

function measure(messages: readonly PlainMessage[]): Measured {
  const measured: Measured = { bytes: 0, bodyBytes: [], headers: [] };
  for (const [offsetDelta, { key, value, headers }] of messages.entries()) {
    const parts: Buffer[] = [];
    let bytes = 0;
    const add = (label: Buffer, header: Buffer) => {
      parts.push(label, header);
      bytes += label.length + sizeOf(header.length) + header.length;
    };
    for (const name in headers) {
      const header = headers[name] ?? [];
      const label = labelOf(name);
      if (Array.isArray(header)) for (const one of header) add(label, one);
      else add(label, header);
    }
    // attributes and a timestamp like the batch's own
    bytes += 2 + sizeOf(offsetDelta) + sizeOfBytes(key) + sizeOfBytes(value) + sizeOf(parts.length / 2);
    measured.headers.push(parts);
    measured.bodyBytes.push(bytes);
    measured.bytes += sizeOf(bytes) + bytes;
  }
  return measured;
}

/** Up to the records, with their number. */
const batchHeadBytes = 61;
/** What a batch's length does not count, and what stands before the bytes that its checksum is of. */
const lengthEndBytes = 12;
const crcAtBytes = 17;

function writeBatch(
  to: Buffer,
  start: number,
  { messages, firstSequence, bytes, bodyBytes, headers }: Partition<PlainMessage> & Measured,
  producerEpoch: number,
): number {
  const nowMs = BigInt(Date.now());
  let at = to.writeBigInt64BE(0n, start);
  at = to.writeInt32BE(batchHeadBytes - lengthEndBytes + bytes, at);
  at = to.writeInt32BE(0, at);
  const magic = 2;
  at = to.writeInt8(magic, at) + 4;
  const plain = 0;
  at = to.writeInt16BE(plain, at);
  at = to.writeInt32BE(messages.length - 1, at);
  at = to.writeBigInt64BE(nowMs, at);
  at = to.writeBigInt64BE(nowMs, at);
  const nobody = -1n;
  at = to.writeBigInt64BE(nobody, at);
  at = to.writeInt16BE(producerEpoch, at);
  at = to.writeInt32BE(firstSequence, at);
  at = to.writeInt32BE(messages.length, at);
  for (const [offsetDelta, { key, value }] of messages.entries()) {
    at = writeVarint(to, at, bodyBytes[offsetDelta] ?? 0);
    to[at++] = 0;
    to[at++] = 0;
    at = writeVarint(to, at, offsetDelta);
    at = writeBytes(to, at, key);
    at = writeBytes(to, at, value);
    const parts = headers[offsetDelta] ?? [];
    at = writeVarint(to, at, parts.length / 2);
    for (let n = 0; n < parts.length; n += 2) {
      at += copy(parts[n], to, at);
      at = writeBytes(to, at, parts[n + 1] ?? null);
    }
  }
  to.writeUInt32BE(crc32c(to, start + crcAtBytes + 4, at), start + crcAtBytes);
  return at;
}

const labels = new Map<string, Buffer>();
const labelCountMax = 1_000;

/** A header's name with its length before it; the same few names come again and again. */
function labelOf(name: string): Buffer {
  const known = labels.get(name);
  if (known !== undefined) return known;
  const text = Buffer.from(name);
  const label = Buffer.allocUnsafe(sizeOf(text.length) + text.length);
  copy(text, label, writeVarint(label, 0, text.length));
  if (labels.size < labelCountMax) labels.set(name, label);
  return label;
}

/** Small pieces: a loop is cheaper than a call into the engine. */
function copy(from: Buffer | undefined, to: Buffer, at: number): number {
  if (from === undefined) return 0;
  if (from.length > 48) return from.copy(to, at);
  for (let n = 0; n < from.length; n += 1) to[at + n] = from[n] ?? 0;
  return from.length;
}

const zigzag = (value: number): number => (value << 1) ^ (value >> 31);

function sizeOf(value: number): number {
  let rest = zigzag(value) >>> 0;
  let size = 1;
  for (; rest > 0x7f; rest >>>= 7) size += 1;
  return size;
}

const sizeOfBytes = (bytes: Buffer | null): number =>
  bytes === null ? sizeOf(-1) : sizeOf(bytes.length) + bytes.length;

function writeVarint(to: Buffer, at: number, value: number): number {
  let rest = zigzag(value) >>> 0;
  for (; rest > 0x7f; rest >>>= 7) to[at++] = (rest & 0x7f) | 0x80;
  to[at++] = rest;
  return at;
}

function writeBytes(to: Buffer, at: number, bytes: Buffer | null): number {
  if (bytes === null) return writeVarint(to, at, -1);
  const from = writeVarint(to, at, bytes.length);
  return from + copy(bytes, to, from);
}
