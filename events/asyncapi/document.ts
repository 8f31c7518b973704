import type { JsonValue } from '../../domain/canonical-json.ts';
import { topicOf } from '../../domain/events.ts';
import type { EventType } from '../../domain/events.ts';
import { encryptionHeader } from '../codec/encryption.ts';
import { eventFields } from '../schemas/definitions.ts';
import { eventSchema } from '../schemas/generate.ts';
import { governanceOf, reviewRules } from '../schemas/governance.ts';
import { topics } from '../catalogue/topics.ts';
import type { Topic } from '../catalogue/topics.ts';
import { exampleOf } from './example.ts';
import { jsonSchemaOf } from './json-schema.ts';

type Json = { [member: string]: JsonValue };

/** The AsyncAPI 3.0 document, from the catalogue, the schemas and what is known of each type. */
export function asyncApiDocument(): Json {
  const types = Object.keys(eventFields) as EventType[];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Lootledger events',
      version: '1',
      description:
        'Facts about matches, value and players, as CloudEvents 1.0 in the Kafka binding, binary mode: attributes are headers, the value is Avro behind the id of its schema. Payloads are shown as the API shows them.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/avro',
    servers: { kafka: server },
    channels: Object.fromEntries(Object.values(topics).map((topic) => [topic.name, channel(topic, types)])),
    operations: Object.fromEntries(Object.values(topics).map((topic) => operation(topic))),
    components: {
      messages: Object.fromEntries(types.map((type) => [type, message(type)])),
      schemas: { envelope },
      correlationIds: {
        correlation: {
          description: 'The request that began it all',
          location: '$message.header#/ce_correlationid',
        },
      },
      securitySchemes: {
        scram: { type: 'scramSha512', description: 'SASL/SCRAM over TLS, where the deployment is set so' },
      },
    },
  };
}

const ref = (...path: string[]): Json => ({ $ref: `#/${path.join('/')}` });

const server: Json = {
  host: '{brokers}',
  protocol: 'kafka-secure',
  description: 'KAFKA_BROKERS of the deployment; every name below comes after its KAFKA_TOPIC_PREFIX',
  variables: { brokers: { default: '127.0.0.1:9092', description: 'Addresses of the brokers' } },
  security: [ref('components', 'securitySchemes', 'scram')],
  bindings: {
    kafka: {
      schemaRegistryUrl: 'https://api.game.example/v1/schemas',
      schemaRegistryVendor: 'confluent',
      bindingVersion: '0.5.0',
    },
  },
};

const typesOf = (topic: Topic, types: readonly EventType[]): EventType[] =>
  types.filter((type) => topicOf(type) === topic.name);

const channel = (topic: Topic, types: readonly EventType[]): Json => ({
  address: topic.name,
  title: topic.name,
  description: `${topic.description}. Keyed by ${topic.key}.`,
  messages: Object.fromEntries(
    typesOf(topic, types).map((type) => [type, ref('components', 'messages', type)]),
  ),
  tags: [{ name: topic.owner }, { name: topic.classification }],
  bindings: {
    kafka: {
      topic: topic.name,
      partitions: topic.partitionCount,
      topicConfiguration: {
        'cleanup.policy': ['delete'],
        'retention.ms': topic.retentionMs,
        'max.message.bytes': topic.recordBytesMax,
      },
      bindingVersion: '0.5.0',
    },
  },
  'x-owner': topic.owner,
  'x-classification': topic.classification,
  'x-dead-letters': topic.deadLetters,
});

/** From our side: what we tell is sent, what game servers and judges tell is received. */
function operation(topic: Topic): [string, Json] {
  const action = topic.direction === 'out' ? 'send' : 'receive';
  return [
    `${action}.${topic.name}`,
    {
      action,
      channel: ref('channels', topic.name),
      summary: topic.description,
      bindings: { kafka: { bindingVersion: '0.5.0' } },
    },
  ];
}

function message(type: EventType): Json {
  const { description, owner, classification, review, deprecated } = governanceOf(type);
  const payload = jsonSchemaOf(eventSchema(type));
  return {
    name: type,
    title: type,
    summary: description,
    contentType: 'application/avro',
    headers: ref('components', 'schemas', 'envelope'),
    correlationId: ref('components', 'correlationIds', 'correlation'),
    payload,
    examples: [{ name: 'example', payload: exampleOf(payload) }],
    tags: [
      { name: owner },
      { name: classification },
      ...(deprecated === undefined ? [] : [{ name: 'deprecated' }]),
    ],
    bindings: {
      kafka: {
        key: { type: 'string' },
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        bindingVersion: '0.5.0',
      },
    },
    'x-owner': owner,
    'x-classification': classification,
    'x-review': reviewRules[review],
    'x-deprecated': deprecated ?? false,
  };
}

/** The headers of every event, by what they say. */
export const envelopeHeaders = {
  ce_specversion: '`1.0`',
  ce_id: 'Unique per source: who sees a pair of source and id twice has the same event twice',
  ce_type: '`{domain}.{entity}.{action}.v{n}`',
  ce_source: '`/lootledger/<deployment>`, or `/clients/<client>` on inbound topics',
  ce_time: 'When it happened, RFC 3339 in UTC',
  ce_subject: 'What it is about; the key where nothing else is said',
  ce_dataschema: 'Where the API serves the schema the value was written with',
  ce_sequence: 'Without gaps per key; the journal, keyed by journal, has none',
  ce_correlationid: 'The request that began it all',
  ce_causationid: 'The event or request before this one',
  ce_ledgerepoch: 'Raised by a restore from a backup: what a lost past told is told apart',
  ce_replayid: 'Only on events told again by a replay',
  'content-type': '`application/avro`; inbound also `application/json`',
  traceparent: 'W3C trace context, with `tracestate`',
  [encryptionHeader]: 'Only on sealed values: algorithm, key id and nonce',
} as const;

const required = ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'content-type'];
const envelope: Json = {
  type: 'object',
  required,
  properties: Object.fromEntries(
    Object.entries(envelopeHeaders).map(([name, description]) => [name, { type: 'string', description }]),
  ),
};
