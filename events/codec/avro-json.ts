import avro from 'avsc';
import type { Type } from 'avsc';

/**
 * What JSON says of an Avro value: a long may come as a number or as decimal text, bytes come as base64. Members that are
 * not as they should be are left for the schema to name.
 */
export function fromJsonForm(type: Type, value: unknown): unknown {
  if (type instanceof avro.types.RecordType && isObject(value)) {
    const members = Object.entries(value).map(([name, member]) => {
      const field = type.fields.find((one) => one.name === name);
      return [name, field === undefined ? member : fromJsonForm(field.type, member)] as const;
    });
    return Object.fromEntries(members);
  }
  if (type instanceof avro.types.ArrayType && Array.isArray(value))
    return value.map((item) => fromJsonForm(type.itemsType, item));
  if (type instanceof avro.types.MapType && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, fromJsonForm(type.valuesType, member)]),
    );
  if (type instanceof avro.types.UnwrappedUnionType) {
    const branches = type.types.map((branch) => ({ branch, form: fromJsonForm(branch, value) }));
    const fitting = branches.find(({ branch, form }) => branch.isValid(form));
    return fitting === undefined ? value : fitting.form;
  }
  if (type.typeName === 'abstract:long') return longOf(value);
  if (type.typeName === 'bytes' || type.typeName === 'fixed') return bytesOf(value);
  return value;
}

/** The members of a record's value that its schema does not know. */
export function undeclaredIn(type: Type, value: unknown): string[] {
  if (!(type instanceof avro.types.RecordType) || !isObject(value)) return [];
  const declared = new Set(type.fields.map(({ name }) => name));
  return Object.keys(value).filter((name) => !declared.has(name));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function longOf(value: unknown): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?(0|[1-9]\d{0,18})$/.test(value) ? BigInt(value) : value;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const bytesOf = (value: unknown): unknown =>
  typeof value === 'string' && base64.test(value) ? Buffer.from(value, 'base64') : value;
