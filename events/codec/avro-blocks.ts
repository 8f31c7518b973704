import avro from 'avsc';
import type { Schema, Type } from 'avsc';

/** What avsc reads from; it is asked whether it ran over the end only when everything has been read. */
type Tap = { readonly buf: Buffer; pos: number; readLong(): number; readString(): string | undefined };
type Readable = { _read(tap: Tap): unknown };

/**
 * Arrays and maps that believe no count their bytes cannot hold. avsc's own go on past the end: six bytes that announce 200
 * million items take all the memory there is. Every item is at least one byte; the registry takes no schema where it is not.
 */
export class BoundedArray extends avro.types.ArrayType {
  // avsc calls it on what resolves an older schema too, with that one's items
  _read(this: { itemsType: Type }, tap: Tap): unknown[] {
    const items = readableOf(this.itemsType);
    const read: unknown[] = [];
    for (let count = blockCount(tap); count > 0; count = blockCount(tap))
      for (; count > 0; count--) read.push(items._read(tap));
    return read;
  }

  _skip(tap: Tap): void {
    this._read(tap);
  }
}

export class BoundedMap extends avro.types.MapType {
  _read(this: { valuesType: unknown }, tap: Tap): Record<string, unknown> {
    const values = readableOf(this.valuesType);
    const read: [string, unknown][] = [];
    for (let count = blockCount(tap); count > 0; count = blockCount(tap))
      for (; count > 0; count--) read.push([tap.readString() ?? '', values._read(tap)]);
    return Object.fromEntries(read);
  }

  _skip(tap: Tap): void {
    this._read(tap);
  }
}

/** Throws where the rest of the bytes cannot hold so many items. */
function blockCount(tap: Tap): number {
  const count = tap.readLong();
  // a negative count is followed by the block's size
  if (count < 0) tap.readLong();
  if (Math.abs(count) > tap.buf.length - tap.pos)
    throw new RangeError('truncated buffer: more items than bytes');
  return Math.abs(count);
}

/** Not among avsc's public types; what its own arrays call. */
const readableOf = (type: unknown): Readable => type as Readable;

/** Whether a value can be no bytes at all, so that no count of them can be held against their bytes. */
export function mayBeNoBytes(type: Type, within: ReadonlySet<Type> = new Set()): boolean {
  if (type.typeName === 'null' || within.has(type)) return true;
  if (type instanceof avro.types.LogicalType) return mayBeNoBytes(type.underlyingType, within);
  if (type instanceof avro.types.FixedType) return type.size === 0;
  if (!(type instanceof avro.types.RecordType)) return false;
  const deeper = new Set([...within, type]);
  return type.fields.every((field) => mayBeNoBytes(field.type, deeper));
}

/** The first array in a schema whose items may be no bytes; undefined without one. */
export function arrayOfNothing(type: Type, seen = new Set<Type>()): Type | undefined {
  if (seen.has(type)) return undefined;
  seen.add(type);
  if (type instanceof avro.types.ArrayType && mayBeNoBytes(type.itemsType)) return type;
  for (const part of partsOf(type)) {
    const found = arrayOfNothing(part, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function partsOf(type: Type): readonly Type[] {
  if (type instanceof avro.types.LogicalType) return [type.underlyingType];
  if (type instanceof avro.types.ArrayType) return [type.itemsType];
  if (type instanceof avro.types.MapType) return [type.valuesType as Type];
  if (type instanceof avro.types.RecordType) return type.fields.map((field) => field.type);
  return type instanceof avro.types.UnwrappedUnionType || type instanceof avro.types.WrappedUnionType
    ? type.types
    : [];
}

/** In place of avsc's own; undefined for every other part of a schema. */
export function boundedType(part: unknown, options: object): Type | undefined {
  if (typeof part !== 'object' || part === null || !('type' in part)) return undefined;
  if (part.type === 'array') return new BoundedArray(part as Schema, options);
  return part.type === 'map' ? new BoundedMap(part as Schema, options) : undefined;
}
