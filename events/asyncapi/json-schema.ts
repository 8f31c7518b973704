import type { JsonValue } from '../../domain/canonical-json.ts';
import type { AvroSchema } from '../schemas/avro.ts';

export type JsonSchema = { [member: string]: JsonValue };

/** An Avro schema as the JSON Schema of what our codec and the API show for it. Named types are written out where they are used. */
export function jsonSchemaOf(schema: AvroSchema, named = new Map<string, JsonSchema>()): JsonSchema {
  if (typeof schema === 'string') return primitives[schema] ?? named.get(schema) ?? unknown(schema);
  if (isUnion(schema)) return unionOf(schema, named);
  const known = logical[logicalTypeOf(schema)];
  if (known !== undefined) return known;
  const built = complex(schema, named);
  if (typeof schema['name'] === 'string') named.set(schema['name'], built);
  return built;
}

const int64Text = { type: 'string', pattern: '^-?(0|[1-9][0-9]{0,18})$' };
const primitives: Record<string, JsonSchema> = {
  null: { type: 'null' },
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  long: int64Text,
  float: { type: 'number' },
  double: { type: 'number' },
  bytes: { type: 'string', contentEncoding: 'base64' },
};
const logical: Record<string, JsonSchema> = {
  'decimal-string': { ...int64Text, description: 'an integer as decimal text; a long in Avro' },
  'safe-integer': { type: 'integer', description: 'a long in Avro' },
  json: { description: 'any JSON; canonical text in Avro' },
};

const isUnion = (schema: AvroSchema): schema is AvroSchema[] => Array.isArray(schema);
type Complex = Exclude<AvroSchema, string | AvroSchema[]>;
type Field = { name: string; type: AvroSchema; default?: JsonValue };

const logicalTypeOf = (schema: Complex): string =>
  typeof schema['logicalType'] === 'string' ? schema['logicalType'] : '';

function unionOf(branches: readonly AvroSchema[], named: Map<string, JsonSchema>): JsonSchema {
  const schemas = branches.map((branch) => jsonSchemaOf(branch, named));
  return schemas.length === 1 ? (schemas[0] ?? {}) : { anyOf: schemas };
}

function complex(schema: Complex, named: Map<string, JsonSchema>): JsonSchema {
  const { type } = schema;
  switch (type) {
    case 'record':
      return recordOf(schema['fields'] as unknown as readonly Field[], named);
    case 'array':
      return { type: 'array', items: jsonSchemaOf(schema['items'] as AvroSchema, named) };
    case 'map':
      return { type: 'object', additionalProperties: jsonSchemaOf(schema['values'] as AvroSchema, named) };
    case 'enum':
      return { type: 'string', enum: schema['symbols'] as JsonValue };
    default:
      return jsonSchemaOf(type as AvroSchema, named);
  }
}

/** A field with a default may be absent. */
function recordOf(fields: readonly Field[], named: Map<string, JsonSchema>): JsonSchema {
  const required = fields.filter((field) => !('default' in field)).map(({ name }) => name);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fields.map(({ name, type }) => [name, jsonSchemaOf(type, named)])),
  };
}

function unknown(name: string): never {
  throw new Error(`${name} is no Avro type that was defined before`);
}
