import { topicOf } from '../domain/events.ts';
import type { EventType } from '../domain/events.ts';
import { asyncApiDocument, envelopeHeaders } from '../events/asyncapi/document.ts';
import { exampleOf } from '../events/asyncapi/example.ts';
import { jsonSchemaOf } from '../events/asyncapi/json-schema.ts';
import type { HandlerDeps } from '../events/handlers/index.ts';
import { allHandlers } from '../events/handlers/index.ts';
import type { AvroSchema } from '../events/schemas/avro.ts';
import { eventFields } from '../events/schemas/definitions.ts';
import { eventSchema } from '../events/schemas/generate.ts';
import { governanceOf, reviewRules } from '../events/schemas/governance.ts';
import { deadLetterTopicOf, topics } from '../events/catalogue/topics.ts';
import type { Topic } from '../events/catalogue/topics.ts';
import { foreignNames } from './event-names.ts';

export const asyncApiReference = (): string => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`;

const dayMs = 86_400_000;
const types = Object.keys(eventFields) as EventType[];
const typesOf = (topic: Topic): EventType[] => types.filter((type) => topicOf(type) === topic.name);

/** Topics, types, envelope and foreign names as a page. */
export function eventReference(): string {
  const catalogue = Object.values(topics);
  return `${[introduction, topicTable(catalogue), envelopeTable(), ...catalogue.map(topicSection), foreignTable()].join('\n\n')}\n`;
}

const introduction = `# Events

Every fact leaves through Kafka as a CloudEvent: attributes in headers, data as Avro behind the id of its schema, key =
aggregate id, so what concerns one thing arrives in order. Delivery is at least once; whoever remembers \`ce_source\` and
\`ce_id\` sees each event once. The same as AsyncAPI 3.0: [asyncapi.json](asyncapi.json), served at \`/asyncapi.json\`. Schemas
are served by the registry at \`/v1/schemas\`, which speaks with Kafka's usual clients.

Within a version a schema only changes so that every earlier one stays readable; more is a new version of the type. A version
stays readable for at least 28 days after its successor.

This page is made from the catalogue (\`events/catalogue/topics.ts\`), the schemas (\`events/schemas/definitions.ts\`) and what is known of
each type (\`events/schemas/governance.ts\`) by \`npm run generate\`.`;

function topicTable(catalogue: readonly Topic[]): string {
  const rows = catalogue.map(
    (topic) =>
      `| [\`${topic.name}\`](#${anchorOf(topic.name)}) | ${topic.partitionCount} | ${topic.retentionMs / dayMs} d | ${topic.key} | ${topic.owner} | ${topic.classification} | ${topic.direction} | ${topic.deadLetters ? `\`${deadLetterTopicOf(topic.name)}\`, 14 d` : '–'} | ${groupsOf(topic)} |`,
  );
  return [
    '## Topics',
    '',
    'Confidential topics hold what one player owns, was paid or was told, or what operators did. A key reads them when it names them:',
    'one with `*` or `economy.*` alone cannot be made. Consider [encrypting them](../how-to/encrypt-a-topic.md). Groups begin at the',
    'earliest event there is, once: a new group handles the past that is kept. Clients make topics of their own at `/v1/topics`.',
    '',
    '`<topic>.replay` is where a replay copies to unless told otherwise. It is no topic of its own: it belongs to whom its source',
    'belongs, keeps for 7 days, goes with its source when that is deleted, and is made anew by the next replay. So `/v1/topics`',
    'does not list it. Subscriptions copy to topics that their client has made, and make none.',
    '',
    '| Topic | Partitions | Kept | Key | Owner | Classification | Direction | Dead letters | Our groups |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Handlers are asked for their names only. */
const handlers = allHandlers({} as HandlerDeps);
const groupsOf = (topic: Topic): string =>
  handlers
    .filter((handler) => handler.types.some((type) => topicOf(type) === topic.name))
    .map(({ group }) => `\`${group}\``)
    .join(', ') || '–';

const envelopeTable = (): string =>
  [
    '## Headers',
    '',
    '| Header | Says |',
    '|---|---|',
    ...Object.entries(envelopeHeaders).map(([name, says]) => `| \`${name}\` | ${says} |`),
  ].join('\n');

const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');

function topicSection(topic: Topic): string {
  return [`## ${topic.name}`, '', `${topic.description}.`, ...typesOf(topic).map(typeSection)].join('\n');
}

function typeSection(type: EventType): string {
  const { description, review, deprecated } = governanceOf(type);
  const schema = eventSchema(type);
  const { fields } = schema as unknown as { fields: readonly { name: string; type: AvroSchema }[] };
  const example = exampleOf(jsonSchemaOf(schema));
  return [
    '',
    `### ${type}`,
    '',
    `${description}. A change is reviewed by ${reviewRules[review]}.`,
    ...(deprecated === undefined ? [] : ['', deprecation(deprecated)]),
    '',
    '| Field | Avro |',
    '|---|---|',
    ...fields.map((field) => `| \`${field.name}\` | ${avroText(field.type)} |`),
    '',
    '```json',
    JSON.stringify(example, null, 2),
    '```',
  ].join('\n');
}

const deprecation = ({ on, replacedBy }: { on: string; replacedBy?: EventType }): string =>
  `**Deprecated ${on}.**${replacedBy === undefined ? '' : ` Read [\`${replacedBy}\`](#${anchorOf(replacedBy)}) instead.`}`;

/** A type in a word or a few; named ones are shown by the example. */
function avroText(schema: AvroSchema): string {
  if (typeof schema === 'string') return schema;
  if (Array.isArray(schema)) return schema.map(avroText).join(' or ');
  const { type, logicalType, name, items, values } = schema;
  if (logicalType === 'decimal-string') return 'long, shown as decimal text';
  if (logicalType === 'safe-integer') return 'long';
  if (logicalType === 'json') return 'string holding JSON';
  if (type === 'array') return `array of ${avroText(items as AvroSchema)}`;
  if (type === 'map') return `map of ${avroText(values as AvroSchema)}`;
  return typeof name === 'string' ? `${String(type)} ${name}` : avroText(type as AvroSchema);
}

const foreignTable = (): string =>
  [
    '## Names elsewhere',
    '',
    'What other game back ends call the same things.',
    '',
    '| There | Here | Why so |',
    '|---|---|---|',
    ...foreignNames.map(({ theirs, ours, note }) => `| ${theirs} | ${ours} | ${note} |`),
  ].join('\n');
