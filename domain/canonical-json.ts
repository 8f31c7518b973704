import { LootError } from './errors.ts';

/** Deeper than any document of ours, and far from where recursion would exhaust the stack. */
export const CANONICAL_DEPTH_MAX = 128;

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

/**
 * RFC 8785: the one text of a JSON value, so that equal values have equal hashes on every machine. ECMAScript already
 * writes numbers and strings the way the standard asks; what is left is the order of members (UTF-16 code units).
 *
 * Throws `validation_failed` for what a caller can send but the standard refuses (a lone surrogate, senseless depth),
 * TypeError for what is not JSON at all (undefined, bigint, NaN), which is a bug of ours.
 */
export const canonicalJson = (value: unknown): string => write(value, 0);

/** Whether a value is nested deeper than that: `JSON.parse` reads what `JSON.stringify` then has no stack for. */
export const isNestedTooDeeply = (value: unknown, depth = 0): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === CANONICAL_DEPTH_MAX ||
    Object.values(value).some((member) => isNestedTooDeeply(member, depth + 1)));

const encoder = new TextEncoder();

/** The bytes that get hashed: canonical JSON in UTF-8. */
export const canonicalBytes = (value: unknown): Uint8Array => encoder.encode(canonicalJson(value));

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number' && Number.isFinite(value))
    return Number.isInteger(value) ? `${value}` : JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') throw new TypeError(`not a JSON value: ${typeof value} ${String(value)}`);
  if (depth === CANONICAL_DEPTH_MAX)
    throw refused(`JSON may be nested at most ${CANONICAL_DEPTH_MAX} levels deep`);
  return Array.isArray(value)
    ? elements(value, depth + 1)
    : members(value as Record<string, unknown>, depth + 1);
}

function elements(array: readonly unknown[], depth: number): string {
  let json = '';
  for (const element of array) json += `${json && ','}${write(element, depth)}`;
  return `[${json}]`;
}

function members(object: Readonly<Record<string, unknown>>, depth: number): string {
  let json = '';
  // the default order of `sort` is by UTF-16 code units
  for (const name of Object.keys(object).sort())
    json += `${json && ','}${text(name)}:${write(object[name], depth)}`;
  return `{${json}}`;
}

/** Printable ASCII without quote and backslash: what nearly every key, code and id is, and needs no escaping. */
const plainText = /^[ !#-[\]-~]*$/;

function text(value: string): string {
  if (plainText.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw refused('text must be well-formed Unicode');
  return JSON.stringify(value);
}

const refused = (detail: string): LootError => new LootError('validation_failed', detail);
