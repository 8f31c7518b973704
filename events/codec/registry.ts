import { readFile, readdir } from 'node:fs/promises';
import type { Type } from 'avsc';
import type { JsonValue } from '../../domain/canonical-json.ts';
import { LootError } from '../../domain/errors.ts';
import { topicOf } from '../../domain/events.ts';
import type { Db, Tx } from '../../store/db.ts';
import { readNewestId, readSchema } from '../../store/schemas/reads.ts';
import { registerSchema } from '../../store/schemas/register-schema.ts';
import type { RegisteredSchema } from '../../store/schemas/register-schema.ts';
import { avroType } from './avro-types.ts';
import { assertReads, fingerprintOf, parseSchema } from './registry-rules.ts';

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
/** Of others' subjects. */
const versionCountMax = 100;

/** Confluent's names are free; ours say topic and type, so that several types share a topic. */
export const subjectOf = (type: string): string => `${topicOf(type)}-${type}`;

const schemaFolder = new URL('../schemas/', import.meta.url);

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
    const { id } = await register(db, { subject: subjectOf(type), content });
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

export type Registration = { subject: string; content: JsonValue; registeredBy?: string };

/**
 * Registers a schema under a subject; the same content again answers the same id. `alongside` runs in the same transaction
 * when it is new. Fails with `validation_failed` (not Avro), `schema_incompatible` or `limit_exceeded`.
 */
export async function register(
  db: Db,
  { subject, content, registeredBy }: Registration,
  alongside?: (tx: Tx, registered: RegisteredSchema) => Promise<void>,
): Promise<RegisteredSchema> {
  const reader = parseSchema(content);
  const schema = {
    subject,
    fingerprint: fingerprintOf(content),
    content,
    registeredBy: registeredBy ?? null,
  };
  return db.transaction(async (tx) => {
    const registered = await registerSchema(tx, schema, (earlier) => {
      assertReads(subject, reader, earlier);
      if (registeredBy !== undefined && earlier.length >= versionCountMax)
        throw new LootError('limit_exceeded', `${subject} has ${versionCountMax} versions already.`);
    });
    if (!registered.replayed) await alongside?.(tx, registered);
    return registered;
  });
}
