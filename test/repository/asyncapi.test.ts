import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import type { AnySchemaObject } from 'ajv';
import { expect, test } from 'vitest';
import type { EventType } from '../../domain/events.ts';
import { asyncApiDocument } from '../../events/asyncapi/document.ts';
import { exampleOf } from '../../events/asyncapi/example.ts';
import { jsonSchemaOf } from '../../events/asyncapi/json-schema.ts';
import { avroType } from '../../events/codec/avro-types.ts';
import { eventFields } from '../../events/schemas/definitions.ts';
import { eventSchema } from '../../events/schemas/generate.ts';
import { governanceOf } from '../../events/schemas/governance.ts';
import { allTopics, topics } from '../../events/catalogue/topics.ts';
import { KAFKA_SETTINGS } from '../../stack/versions.ts';

const document = asyncApiDocument() as {
  channels: Record<string, { messages: Record<string, unknown> }>;
  components: { messages: Record<string, { payload: AnySchemaObject; examples: { payload: unknown }[] }> };
};
const types = Object.keys(eventFields) as EventType[];

/** AsyncAPI's own schema; what it says of formats is left to it. */
const conforms = () => {
  const schema = specs.schemas['3.0.0'] as AnySchemaObject;
  return new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false }).compile(
    schema,
  );
};

test('the document is AsyncAPI 3.0, by the schema that AsyncAPI publishes', () => {
  const validate = conforms();
  expect([validate(document), validate.errors]).toEqual([true, null]);
  // and that schema can say no
  expect(validate({ ...document, channels: { x: { address: 7 } } })).toBe(false);
});

test('every topic is a channel and every type a message of its own', () => {
  expect(Object.keys(document.channels)).toEqual(Object.keys(topics));
  const told = Object.values(document.channels).flatMap(({ messages }) => Object.keys(messages));
  expect(told.toSorted()).toEqual(types.toSorted());
  expect(Object.keys(document.components.messages)).toEqual(types);
});

test.each(types)('%s: the example fits its payload schema and its Avro schema', (type) => {
  const { payload, examples } = document.components.messages[type]!;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(payload);
  expect([validate(examples[0]?.payload), validate.errors]).toEqual([true, null]);
  const avro = avroType(eventSchema(type));
  const bytes = avro.toBuffer(exampleOf(jsonSchemaOf(eventSchema(type))));
  const shown: unknown = JSON.parse(JSON.stringify(avro.fromBuffer(bytes)));
  // what our codec answers is what the schema promises
  expect([validate(shown), validate.errors]).toEqual([true, null]);
});

test.each(types)('%s: what is known of it is whole, and a deprecation leaves 28 days', (type) => {
  const { description, owner, deprecated } = governanceOf(type);
  expect(description.length).toBeGreaterThan(8);
  expect(description).not.toMatch(/\.$/);
  expect(owner).not.toBe('');
  if (deprecated === undefined) return;
  expect(deprecated.on).toMatch(/^\d{4}-\d\d-\d\d$/);
  if (deprecated.replacedBy !== undefined) expect(types).toContain(deprecated.replacedBy);
});

test('a group finds its place again for as long as any topic keeps events', () => {
  const longestMs = Math.max(...allTopics.map(({ retentionMs }) => retentionMs));
  expect(KAFKA_SETTINGS['offsets.retention.minutes'] * 60_000).toBeGreaterThanOrEqual(longestMs);
});
