import type { JsonValue } from '../../domain/canonical-json.ts';

/**
 * Avro schemas whose value type TypeScript knows, so that a definition that does not fit `domain/events.ts` does not
 * compile. `Avro<T>` carries T and the schema's JSON; nothing here runs when events are encoded.
 */
export type Avro<T> = { readonly schema: AvroSchema; readonly value?: T };

export type AvroSchema =
  | string
  | AvroSchema[]
  | { readonly [member: string]: JsonValue | AvroSchema | readonly AvroField[] };
export type AvroField = { name: string; doc?: string; type: AvroSchema; default?: JsonValue };

export const text: Avro<string> = { schema: 'string' };
export const flag: Avro<boolean> = { schema: 'boolean' };
/** A whole number far below 2³¹: a tick, a seat, a version. */
export const whole: Avro<number> = { schema: 'int' };
/** A whole number that may pass 2³¹ but not 2⁵³: a roll. */
export const wide: Avro<number> = { schema: { type: 'long', logicalType: 'safe-integer' } };
export const real: Avro<number> = { schema: 'double' };
/** A long in Avro, `bigint` in between, a decimal string in our JSON. */
export const amount: Avro<string> = { schema: { type: 'long', logicalType: 'decimal-string' } };
/** Data whose shape belongs to somebody else: canonical JSON text. */
export const json: Avro<JsonValue> = { schema: { type: 'string', logicalType: 'json' } };

export const nullable = <T>(inner: Avro<T>): Avro<T | null> => ({ schema: ['null', inner.schema] });
/** A member that may be absent in ours; who reads it from Kafka finds null. */
export const optional = <T>(inner: Avro<T>): Avro<T | undefined> => ({ schema: ['null', inner.schema] });
export const list = <T>(inner: Avro<T>): Avro<T[]> => ({ schema: { type: 'array', items: inner.schema } });

/** A string of which TypeScript knows more than Avro does. */
export const textLike = <T extends string>(): Avro<T> => ({ schema: 'string' });

export const choice = <const S extends string>(name: string, ...symbols: readonly S[]): Avro<S> => ({
  schema: { type: 'enum', name, symbols: [...symbols] },
});

export function record<T extends object>(name: string, fields: { [K in keyof T]-?: Avro<T[K]> }): Avro<T> {
  const entries = Object.entries<Avro<unknown>>(fields);
  return {
    schema: { type: 'record', name, fields: entries.map(([field, { schema }]) => avroField(field, schema)) },
  };
}

/** A field that may be null was perhaps not always there: readers fill it in. */
function avroField(name: string, type: AvroSchema): AvroField {
  const optional = Array.isArray(type) && type[0] === 'null';
  return { name, type, ...(optional && { default: null }) };
}
