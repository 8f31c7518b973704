import type { JsonValue } from '../../domain/canonical-json.ts';
import { storableText } from '../../domain/storable-text.ts';
import type { RecordHeaders } from '../kafka/broker.ts';

/**
 * Record headers as JSON for a table: text where the bytes are text, `{ "base64": … }` where they are not, a list where a
 * header stands more than once. Nothing is lost on the way there and back.
 */
type HeaderJson = string | { base64: string };

export function headersToJson(headers: RecordHeaders): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      storableText(name, name.length),
      Array.isArray(value) ? value.map(toJson) : toJson(value),
    ]),
  );
}

/** As `headersToJson`, without a word of text. */
export const headersToBase64 = (headers: RecordHeaders): Record<string, JsonValue> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      storableText(name, name.length),
      Array.isArray(value) ? value.map(toBase64) : toBase64(value),
    ]),
  );

export function headersFromJson(json: Record<string, JsonValue>): RecordHeaders {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name,
      Array.isArray(value)
        ? value.map((part) => fromJson(part as HeaderJson))
        : fromJson(value as HeaderJson),
    ]),
  );
}

function toJson(bytes: Buffer): HeaderJson {
  const text = bytes.toString();
  // jsonb refuses the zero character
  const isText = !text.includes('\0') && Buffer.from(text).equals(bytes);
  return isText ? text : toBase64(bytes);
}

const toBase64 = (bytes: Buffer) => ({ base64: bytes.toString('base64') });

const fromJson = (value: HeaderJson): Buffer =>
  typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64');
