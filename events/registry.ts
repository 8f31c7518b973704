import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import type { Type } from 'avsc';
import { canonicalBytes } from '../domain/canonical-json.ts';
import type { JsonValue } from '../domain/canonical-json.ts';
import { LootError } from '../domain/errors.ts';
import { topicOf } from '../domain/events.ts';
import type { Db } from '../store/db.ts';
import { readNewestId, readSchema } from '../store/schemas/reads.ts';
import { registerSchema } from '../store/schemas/register-schema.ts';
import type { RegisteredSchema } from '../store/schemas/register-schema.ts';
import { avroType } from './avro-types.ts';

/** The schemas a process writes and reads with; schemas others wrote with are looked up by id and remembered. */
export type Registry = {
  /** The schema this build writes a type with; undefined for a type it does not know. */
  ofType(type: string): { id: number; avro: Type } | undefined;
  /** The schema behind an id, whoever registered it; undefined when there is none. */
  byId(id: number): Promise<{ subject: string; avro: Type } | undefined>;
  /** The newest schema that others registered for a type of theirs, at most `newestKeepMs` old; undefined without one. */
  registered(type: string): Promise<{ id: number; avro: Type } | undefined>;
};

const newestKeepMs = 5_000;
const newestCountMax = 10_000;

/** Confluent's names are free; ours say topic and type, so that several types share a topic. */
export const subjectOf = (type: string): string => `${topicOf(type)}-${type}`;

const schemaFolder = new URL('./schemas/', import.meta.url);

/**
 * Registers every committed schema and answers the registry. Throws `schema_incompatible` when one cannot read what its
 * earlier versions wrote: then this build must not start.
 */
export async function openRegistry(db: Db): Promise<Registry> {
  const own = new Map<string, { id: number; avro: Type }>();
  for (const file of await readdir(schemaFolder)) {
    if (!file.endsWith('.avsc')) continue;
    const type = file.slice(0, -'.avsc'.length);
    const content = JSON.parse(await readFile(new URL(file, schemaFolder), 'utf8')) as JsonValue;
    const { id } = await register(db, subjectOf(type), content);
    own.set(type, { id, avro: avroType(content) });
  }
  const known = new Map<number, { subject: string; avro: Type }>();
  const newest = new Map<string, { id: number; avro: Type; untilMs: number }>();

  async function byId(id: number): Promise<{ subject: string; avro: Type } | undefined> {
    const remembered = known.get(id);
    if (remembered !== undefined) return remembered;
    const stored = await readSchema(db, id);
    if (stored === undefined) return undefined;
    const schema = { subject: stored.subject, avro: avroType(stored.content) };
    known.set(id, schema);
    return schema;
  }

  async function registered(type: string): Promise<{ id: number; avro: Type } | undefined> {
    if (own.has(type)) return undefined;
    const remembered = newest.get(type);
    if (remembered !== undefined && remembered.untilMs > performance.now()) return remembered;
    const id = await readNewestId(db, subjectOf(type));
    const schema = id === undefined ? undefined : await byId(id);
    if (id === undefined || schema === undefined) return undefined;
    if (newest.size >= newestCountMax) newest.clear();
    newest.set(type, { id, avro: schema.avro, untilMs: performance.now() + newestKeepMs });
    return { id, avro: schema.avro };
  }

  return { ofType: (type) => own.get(type), byId, registered };
}

/**
 * Registers a schema under a subject; the same content again answers the same id.
 * Fails with `validation_failed` (not Avro) or `schema_incompatible`.
 */
export async function register(db: Db, subject: string, content: JsonValue): Promise<RegisteredSchema> {
  const reader = parse(content);
  const fingerprint = createHash('sha256').update(canonicalBytes(content)).digest('hex');
  return db.transaction((tx) =>
    registerSchema(tx, { subject, fingerprint, content }, (earlier) =>
      assertReadsAll(subject, reader, earlier),
    ),
  );
}

/** BACKWARD_TRANSITIVE: the new schema reads what every earlier version wrote. */
function assertReadsAll(subject: string, reader: Type, earlier: readonly JsonValue[]): void {
  for (const [index, content] of earlier.entries()) {
    try {
      reader.createResolver(avroType(content));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new LootError(
        'schema_incompatible',
        `${subject} could not read its version ${index + 1}: ${why}`,
        { cause: error },
      );
    }
  }
}

function parse(content: JsonValue): Type {
  try {
    return avroType(content);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LootError('validation_failed', `not an Avro schema: ${why}`, { cause: error });
  }
}
