import type { EventType } from '../../domain/events.ts';
import { record } from './avro.ts';
import type { Avro, AvroField, AvroSchema } from './avro.ts';
import { eventFields } from './definitions.ts';
import { governanceOf, reviewRules } from './governance.ts';

/** The committed schema files, made from `definitions.ts`. */
export function generateSchemaFiles(): { path: string; content: string }[] {
  const types = Object.keys(eventFields) as EventType[];
  return types.map((type) => ({
    path: `events/schemas/${type}.avsc`,
    content: `${JSON.stringify(eventSchema(type), null, 2)}\n`,
  }));
}

/** Avro names know neither hyphens nor a bare `v1`: `game.player.action-sealed.v1` is `game.player.ActionSealedV1`. */
export function eventSchema(type: EventType): AvroSchema {
  const [domain, entity, action = '', version = ''] = type.split('.');
  const name = [...action.split('-'), version]
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const { schema } = record(name, eventFields[type] as Record<string, Avro<unknown>>);
  const { description, owner, classification, review, deprecated } = governanceOf(type);
  const doc = [
    `${description}. Type ${type}; owner ${owner}, ${classification}; review: ${reviewRules[review]}.`,
    ...(deprecated === undefined ? [] : [`Deprecated ${deprecated.on}.`]),
  ].join(' ');
  return {
    namespace: `${domain}.${entity}`,
    doc,
    ...(namedOnce(schema, new Set()) as Record<string, AvroSchema>),
  };
}

/** Avro defines a named type at its first use and calls it by name afterwards. */
function namedOnce(schema: AvroSchema, seen: Set<string>): AvroSchema {
  if (typeof schema === 'string') return schema;
  if (Array.isArray(schema)) return schema.map((branch) => namedOnce(branch, seen));
  const { name } = schema;
  if (typeof name === 'string' && seen.has(name)) return name;
  if (typeof name === 'string') seen.add(name);
  return Object.fromEntries(
    Object.entries(schema).map(([member, value]) => {
      if (member === 'fields')
        return [
          member,
          (value as AvroField[]).map((field) => ({ ...field, type: namedOnce(field.type, seen) })),
        ];
      if (member === 'items' || (member === 'type' && typeof value === 'object'))
        return [member, namedOnce(value as AvroSchema, seen)];
      return [member, value];
    }),
  );
}
