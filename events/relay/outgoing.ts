import type { OutboxRow } from '../../store/outbox/claim-rows.ts';
import type { OutgoingMessage } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { toHeaders } from '../codec/envelope.ts';
import { DeadEvent } from '../consumer/failures.ts';
import { headersFromJson } from '../codec/header-json.ts';
import { findTopic } from '../catalogue/topics.ts';

/** What this deployment signs its events with. */
export type EventOrigin = { source: string; ledgerEpoch: number };

export type Outgoing = { row: OutboxRow; message: OutgoingMessage };

/** Kafka's own bytes around a record and its batch, generously. */
const recordOverheadBytes = 200;

/** An outbox row as a Kafka record. Throws DeadEvent when it can never be one. */
export function toMessage(row: OutboxRow, codec: Codec, origin: EventOrigin): OutgoingMessage {
  const message = row.data === null ? copyOf(row) : encode(row, codec, origin);
  const limit = findTopic(row.topic)?.recordBytesMax;
  const size = recordBytes(message);
  if (limit !== undefined && size > limit) {
    throw new DeadEvent(
      'schema_violation',
      `${size} bytes are more than the ${limit} that ${row.topic} takes`,
    );
  }
  return message;
}

export function recordBytes({ key, value, headers }: OutgoingMessage): number {
  let bytes = recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) {
    const header = headers[name];
    const nameBytes = withLength(Buffer.byteLength(name));
    if (Array.isArray(header)) for (const { length } of header) bytes += nameBytes + withLength(length);
    else bytes += nameBytes + withLength(header?.length ?? 0);
  }
  return bytes;
}

/** Bytes with their number before them, as Kafka's zigzag varint. */
const withLength = (byteCount: number): number =>
  byteCount + (byteCount < 64 ? 1 : byteCount < 8_192 ? 2 : byteCount < 1_048_576 ? 3 : 4);

function encode(row: OutboxRow, codec: Codec, origin: EventOrigin): OutgoingMessage {
  const { value, schemaId } = codec.encode(row.type, row.data);
  const headers = toHeaders({
    id: row.id,
    type: row.type,
    source: origin.source,
    subject: row.subject ?? row.key ?? '',
    time: timeOf(row.created_at_ms),
    sequence: row.sequence,
    ledgerEpoch: origin.ledgerEpoch,
    schemaId,
    context: row.headers,
  });
  return { topic: row.topic, key: row.key === null ? null : Buffer.from(row.key), value, headers };
}

let lastMs = Number.NaN;
let lastTime = '';

/** Events of one commit were written within the same millisecond: writing a time out is a sixth of encoding an event. */
function timeOf(createdAtMs: number): string {
  const ms = Math.floor(createdAtMs);
  if (ms !== lastMs) lastTime = new Date(ms).toISOString();
  lastMs = ms;
  return lastTime;
}

/** A dead letter's copy keeps its original bytes. */
const copyOf = (row: OutboxRow): OutgoingMessage => ({
  topic: row.topic,
  key: row.raw_key,
  value: row.value,
  headers: headersFromJson(row.headers),
});
