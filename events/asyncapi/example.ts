import type { JsonValue } from '../../domain/canonical-json.ts';
import type { JsonSchema } from './json-schema.ts';

/** One example of a type, the same each time: names say what is likely, the schema what is right. */
export function exampleOf(schema: JsonSchema, name = ''): JsonValue {
  const { anyOf, enum: symbols, type } = schema;
  if (Array.isArray(anyOf)) return exampleOf(told(anyOf), name);
  if (Array.isArray(symbols)) return symbols[0] ?? null;
  switch (type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return [exampleOf(schema['items'] as JsonSchema, name.replace(/s$/, ''))];
    case 'string':
      return 'pattern' in schema ? '250' : textFor(name);
    case 'integer':
      return 1;
    case 'number':
      return 12.5;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return { note: 'free' };
  }
}

const told = (branches: readonly JsonValue[]): JsonSchema =>
  (branches as readonly JsonSchema[]).find(({ type }) => type !== 'null') ?? {};

function objectOf({ properties, additionalProperties }: JsonSchema): JsonValue {
  if (properties === undefined) return { luck: exampleOf(additionalProperties as JsonSchema) };
  return Object.fromEntries(
    Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => [
      name,
      exampleOf(schema, name),
    ]),
  );
}

const id = '0199f3a2-7a1c-7c3e-9b57-1f3a6de0c001';
const texts: Record<string, string> = {
  key: `grant:${id}`,
  grantKey: `grant:${id}`,
  cause: `grant:${id}`,
  subject: `match:${id}`,
  issuer: 'https://accounts.game.example',
  reference: 'match-4711',
  externalMatchId: 'match-4711',
  asset: 'gold',
  kind: 'iron_sword',
  mode: 'standard',
  region: 'eu',
  url: 'wss://host-1.game.example/v1/arena',
  actor: 'client:studio',
  appliedBy: 'client:studio',
  closedBy: 'client:studio',
  leaderboard: 'arena',
  source: 'match-rewards',
  session: 'session-7',
  service: 'api',
  reason: 'as reported',
};

function textFor(name: string): string {
  if (texts[name] !== undefined) return texts[name];
  if (/Hash$|^hash$|Root$|^seed/.test(name)) return '9f86d081884c7d659a2feaa0c55ad015';
  return name.endsWith('Id') ? id : name === '' ? 'text' : name;
}
