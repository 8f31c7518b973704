import type { Type } from 'avsc';
import { isNestedTooDeeply } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import { topicOf } from '../../domain/events.ts';
import type { EventData, EventType } from '../../domain/events.ts';
import { fromJsonForm, undeclaredIn } from './avro-json.ts';
import { noEncryption } from './encryption.ts';
import type { Encryption, SealedRecord } from './encryption.ts';
import { DeadEvent, errorMessageOf } from '../consumer/failures.ts';
import { subjectOf } from './registry.ts';
import type { Registry } from './registry.ts';
import { stepsBetween, upcasters as ownUpcasters } from '../schemas/upcasters.ts';
import type { Upcaster } from '../schemas/upcasters.ts';

/** Confluent framing: `0x00`, schema id as four bytes, Avro body. Every Kafka tool that knows registries reads it. */
export type Codec = {
  /** Throws DeadEvent when the data does not fit the type's schema. */
  encode(type: string, data: unknown): Encoded;
  /** Throws DeadEvent when the bytes are not an event of that type; other errors are the registry's, not the event's. */
  decode<T extends EventType>(
    type: T,
    value: Buffer | null,
    contentType: string,
    /** The older version the event says it is, if `readAs` named another one. */
    writtenAs?: string,
  ): Promise<EventData[T]>;
  /** As `decode`, and at once where this build's own schema is behind it: a promise per event costs as much as its decoding. */
  decodeSoon<T extends EventType>(
    type: T,
    value: Buffer | null,
    contentType: string,
    writtenAs?: string,
  ): EventData[T] | Promise<EventData[T]>;
  /** The type among those a reader names that an event of this type can be read as: itself, or a later version. */
  readAs<T extends EventType>(named: readonly T[], written: string): T | undefined;
  /** A record's value as it was before it was sealed; unchanged where it was not. Throws as `Encryption.open`. */
  open(record: SealedRecord): Buffer | null;
  /**
   * Reads any event with the schema it was written with, for whoever only shows it or passes it on. Throws like `decode`,
   * also when that schema is another type's.
   */
  decodeAny(value: Buffer | null, contentType: string, type: string): Promise<JsonValue>;
  /**
   * Encodes the JSON that callers send, of one of our types or of one that others registered (its newest schema). Members
   * the schema does not know are refused. Throws DeadEvent like `encode`, with the places that do not fit.
   */
  encodeRegistered(type: string, data: JsonValue): Promise<Encoded>;
};

export type CodecOptions = { encryption?: Encryption; upcasters?: readonly Upcaster[] };

export type Encoded = { value: Buffer; schemaId: number };

const magic = 0;
const headerBytes = 5;

export function createCodec(registry: Registry, options: CodecOptions = {}): Codec {
  const { encryption = noEncryption, upcasters = ownUpcasters } = options;
  const decodeSoon: Codec['decodeSoon'] = (type, value, contentType, writtenAs = type) => {
    const steps = stepsBetween(upcasters, writtenAs, type);
    if (steps === undefined) throw new DeadEvent('unknown_version', `${writtenAs} cannot be read as ${type}`);
    const upcast = (data: unknown) =>
      steps.reduce((older, step) => step.upcast(older), data) as EventData[typeof type];
    const data = decode(registry, writtenAs, value, contentType);
    return data instanceof Promise ? data.then(upcast) : upcast(data);
  };
  return {
    encode(type, data) {
      const schema = registry.ofType(type);
      if (schema === undefined) throw new DeadEvent('schema_violation', `no schema for ${type}`);
      return encode(type, schema, data);
    },
    decode: async (type, value, contentType, writtenAs) => decodeSoon(type, value, contentType, writtenAs),
    decodeSoon,
    readAs: (named, written) =>
      named.find((type) => type === written) ??
      named.find((type) => stepsBetween(upcasters, written, type) !== undefined),
    open: encryption.open,
    decodeAny: (value, contentType, type) => decodeAny(registry, value, contentType, type),
    async encodeRegistered(type, data) {
      const schema = registry.ofType(type) ?? (await registry.registered(type));
      if (schema === undefined)
        throw new DeadEvent('schema_violation', `no schema is registered for ${type}`);
      const form = fromJsonForm(schema.avro, data);
      const places = placesOf(schema.avro, form, { noUndeclaredFields: true });
      if (places.length > 0)
        throw new DeadEvent('schema_violation', `${type} does not fit its schema: ${inWords(places)}`, {
          places,
        });
      return encode(type, schema, form);
    },
  };
}

function encode(type: string, schema: { id: number; avro: Type }, data: unknown): Encoded {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(magic);
  header.writeInt32BE(schema.id, 1);
  try {
    return { value: Buffer.concat([header, schema.avro.toBuffer(data)]), schemaId: schema.id };
  } catch (error) {
    const problems = problemsOf(schema.avro, data) || errorMessageOf(error);
    throw new DeadEvent('schema_violation', `${type} does not fit its schema: ${problems}`, { cause: error });
  }
}

/** A promise only of what was not written with this build's schema. */
function decode(registry: Registry, type: string, value: Buffer | null, contentType: string): unknown {
  const reader = registry.ofType(type);
  if (reader === undefined) throw new DeadEvent('unknown_version', `this build knows no ${type}`);
  if (value === null) throw new DeadEvent('undecodable', 'the record has no value');
  if (contentType.startsWith('application/json')) return fromJson(reader.avro, value);
  const id = schemaIdOf(value);
  return id === reader.id
    ? fromAvro(type, reader.avro, value)
    : decodeOther(registry, type, reader.avro, value, id);
}

async function decodeOther(
  registry: Registry,
  type: string,
  reader: Type,
  value: Buffer,
  id: number,
): Promise<unknown> {
  const writer = await registry.byId(id);
  if (writer === undefined || writer.subject !== subjectOf(type)) {
    throw new DeadEvent('undecodable', `schema ${id} is not one of ${type}`);
  }
  return fromAvro(type, reader, value, resolverFor(reader, writer.avro));
}

function fromAvro(type: string, reader: Type, value: Buffer, resolver?: Resolver): unknown {
  try {
    return reader.fromBuffer(value.subarray(headerBytes), resolver);
  } catch (error) {
    throw new DeadEvent('undecodable', `${topicOf(type)}: ${errorMessageOf(error)}`, { cause: error });
  }
}

async function decodeAny(
  registry: Registry,
  value: Buffer | null,
  contentType: string,
  type: string,
): Promise<JsonValue> {
  if (value === null) throw new DeadEvent('undecodable', 'the record has no value');
  if (contentType.startsWith('application/json'))
    return readable(() => JSON.parse(value.toString()) as JsonValue);
  const id = schemaIdOf(value);
  const writer = await registry.byId(id);
  if (writer?.subject !== subjectOf(type))
    throw new DeadEvent('undecodable', `schema ${id} is not one of ${type}`);
  return readable(() => toJson(writer.avro.fromBuffer(value.subarray(headerBytes))));
}

function readable(read: () => JsonValue): JsonValue {
  let json: JsonValue;
  try {
    json = read();
  } catch (error) {
    throw new DeadEvent('undecodable', errorMessageOf(error), { cause: error });
  }
  if (isNestedTooDeeply(json)) throw new DeadEvent('undecodable', 'the value is nested too deeply');
  return json;
}

function schemaIdOf(value: Buffer): number {
  if (value.length < headerBytes || value.readUInt8() !== magic)
    throw new DeadEvent('undecodable', 'the value is not Avro with a schema id');
  return value.readInt32BE(1);
}

/** Avro knows longs and bytes, which JSON does not. */
function toJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return value.toString();
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return (value ?? null) as JsonValue;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}

/** A writer's subject has one reader, this build's; building the resolver costs more than decoding. */
const resolvers = new WeakMap<Type, Resolver>();

function resolverFor(reader: Type, writer: Type): Resolver {
  const known = resolvers.get(writer);
  if (known !== undefined) return known;
  const resolver = reader.createResolver(writer);
  resolvers.set(writer, resolver);
  return resolver;
}

type Resolver = ReturnType<Type['createResolver']>;

/** Game servers without Avro may send JSON to inbound topics; it has to fit the same schema. */
function fromJson(reader: Type, value: Buffer): unknown {
  let data: unknown;
  try {
    data = JSON.parse(value.toString());
  } catch (error) {
    throw new DeadEvent('undecodable', `the value is not JSON: ${errorMessageOf(error)}`, { cause: error });
  }
  const problems = problemsOf(reader, data);
  if (problems !== '') throw new DeadEvent('schema_violation', `does not fit the schema: ${problems}`);
  return data;
}

const problemsOf = (avro: Type, data: unknown): string => inWords(placesOf(avro, data));

const inWords = (places: readonly (readonly string[])[]): string =>
  places.map((path) => path.join('.') || 'the value').join(', ');

/** Where data does not fit, or nothing. A member too many is named itself. */
function placesOf(avro: Type, data: unknown, options: { noUndeclaredFields?: boolean } = {}): string[][] {
  const places: string[][] = [];
  // a copy: avsc goes on with the same array
  const errorHook = (path: string[], value: unknown, type: Type) => {
    const names = undeclaredIn(type, value);
    places.push(...(names.length > 0 ? names.map((name) => [...path, name]) : [[...path]]));
  };
  avro.isValid(data, { ...options, errorHook });
  return places;
}
