import { z } from '@hono/zod-openapi';
import type { JsonValue } from '../../../domain/canonical-json.ts';
import type { StoredSchema } from '../../../store/schemas/reads.ts';
import { registryError } from '../../registry-dialect.ts';
import { unstorablePlaces } from '../../validation.ts';

export const Subject = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,255}$/, 'must be a subject')
  .openapi('SchemaSubject', { example: 'studio.quest-studio.quest.finished.v1' });
export const SchemaId = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number);
export const Version = z
  .string()
  .regex(/^([1-9]\d{0,8}|latest|-1)$/)
  .openapi({ example: 'latest' });

const schemaTextCharsMax = 200_000;
const absent = z.null().optional();

/** What clients send; only Avro is kept here, so the rest has to be empty. */
export const SchemaBody = z
  .strictObject({
    schema: z.string().min(1).max(schemaTextCharsMax).openapi({ description: 'Avro, as JSON text' }),
    schemaType: z.literal('AVRO').nullish(),
    references: z.array(z.string()).max(0).nullish(),
    id: z.number().int().nullish(),
    version: z.number().int().nullish(),
    metadata: absent,
    ruleSet: absent,
    schemaTags: absent,
  })
  .openapi('RegistrySchemaBody');

/** Hints that clients add; nothing here depends on them. */
const hint = z.string().max(255).optional();
export const Hints = z.strictObject({
  normalize: hint,
  deleted: hint,
  fetchMaxId: hint,
  subject: hint,
  format: hint,
  verbose: hint,
  defaultToGlobal: hint,
});

export const SchemaVersion = z
  .strictObject({
    subject: z.string(),
    version: z.number().int(),
    id: z.number().int(),
    schemaType: z.literal('AVRO'),
    schema: z.string(),
  })
  .openapi('RegistrySchema');

export const versionView = ({ id, subject, version, content }: StoredSchema) => ({
  subject,
  version,
  id,
  schemaType: 'AVRO',
  schema: JSON.stringify(content),
});

/** Clients send a schema as text inside JSON; some name a primitive type bare. Throws `validation_failed`. */
export function parseText(text: string): JsonValue {
  let content: JsonValue;
  try {
    content = JSON.parse(text, refusePrototype) as JsonValue;
  } catch {
    throw registryError('validation_failed', 'invalidSchema', 'The schema is not JSON text.');
  }
  const [flaw] = unstorablePlaces(content);
  if (flaw !== undefined)
    throw registryError('validation_failed', 'invalidSchema', `The schema ${flaw.detail}.`);
  return content;
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('A member named __proto__ is refused.');
  return value;
}
