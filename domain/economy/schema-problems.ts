import { canonicalJson } from '../canonical-json.ts';
import type { ErrorPlace } from '../errors.ts';

/** As much of JSON Schema as the economy file's schema uses, so that the published schema is what we check with. */
export type ShapeSchema = {
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: ShapeSchema;
  readonly properties?: { readonly [name: string]: ShapeSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: false | ShapeSchema;
  readonly propertyNames?: ShapeSchema;
};

/** Every place where the value does not have the schema's shape. */
export function schemaProblems(schema: ShapeSchema, value: unknown, pointer = ''): ErrorPlace[] {
  if (schema.enum && !schema.enum.includes(value as string)) {
    return [{ pointer, detail: `must be one of ${schema.enum.join(', ')}` }];
  }
  switch (schema.type) {
    case 'object':
      return isRecord(value)
        ? objectProblems(schema, value, pointer)
        : [{ pointer, detail: 'must be an object' }];
    case 'array':
      return Array.isArray(value)
        ? arrayProblems(schema, value, pointer)
        : [{ pointer, detail: 'must be a list' }];
    case 'string':
      return typeof value === 'string'
        ? stringProblems(schema, value, pointer)
        : [{ pointer, detail: 'must be text' }];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [{ pointer, detail: 'must be true or false' }];
    case 'integer':
      return numberProblems(schema, value, pointer);
    default:
      return [];
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const child = (pointer: string, name: string) =>
  `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

function objectProblems(schema: ShapeSchema, value: Record<string, unknown>, pointer: string): ErrorPlace[] {
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  const problems: ErrorPlace[] = missing.map((name) => ({
    pointer: child(pointer, name),
    detail: 'is missing',
  }));
  for (const [name, member] of Object.entries(value)) {
    const at = child(pointer, name);
    const known =
      schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const rule = known ?? schema.additionalProperties;
    if (schema.propertyNames)
      problems.push(...schemaProblems({ type: 'string', ...schema.propertyNames }, name, at));
    if (rule === false) problems.push({ pointer: at, detail: 'is not a known member' });
    else if (rule) problems.push(...schemaProblems(rule, member, at));
  }
  return problems;
}

function arrayProblems(schema: ShapeSchema, value: readonly unknown[], pointer: string): ErrorPlace[] {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  const problems: ErrorPlace[] = [];
  if (value.length < minItems || value.length > maxItems)
    problems.push({ pointer, detail: `must have ${minItems} to ${maxItems} entries` });
  if (items) value.forEach((entry, i) => problems.push(...schemaProblems(items, entry, `${pointer}/${i}`)));
  return problems;
}

function stringProblems(
  { pattern, minLength = 0, maxLength = Infinity }: ShapeSchema,
  value: string,
  pointer: string,
): ErrorPlace[] {
  const length = Array.from(value).length;
  if (length < minLength || length > maxLength)
    return [{ pointer, detail: `must have ${minLength} to ${maxLength} characters` }];
  if (pattern && !new RegExp(pattern, 'u').test(value)) return [{ pointer, detail: `must match ${pattern}` }];
  return [];
}

function numberProblems(
  { minimum = -Infinity, maximum = Infinity }: ShapeSchema,
  value: unknown,
  pointer: string,
): ErrorPlace[] {
  if (typeof value !== 'number' || !Number.isInteger(value))
    return [{ pointer, detail: `must be an integer, not ${canonicalJson(value)}` }];
  return value < minimum || value > maximum ? [{ pointer, detail: `must be ${minimum} to ${maximum}` }] : [];
}
