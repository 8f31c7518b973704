import avro from 'avsc';
import type { Schema, Type } from 'avsc';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { boundedType } from './avro-blocks.ts';

/**
 * Avro as Lootledger reads it: a long is a `bigint`, and three logical types say what our JSON shows instead. Other
 * clients see plain longs and strings.
 */
export function avroType(schema: unknown): Type {
  return avro.Type.forSchema(schema as Schema, {
    registry: { long: bigintLong },
    typeHook: (part, options) => (isPlainLong(part) ? bigintLong : boundedType(part, options)),
    logicalTypes,
    omitRecordMethods: true,
    wrapUnions: false,
  });
}

/** Also one that others say more about than we know: to us it is a long. */
const isPlainLong = (part: unknown): boolean =>
  typeof part === 'object' &&
  part !== null &&
  'type' in part &&
  part.type === 'long' &&
  !(
    'logicalType' in part &&
    typeof part.logicalType === 'string' &&
    baseTypes.get(part.logicalType) === 'long'
  );

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

const isInt64 = (value: unknown): value is bigint =>
  typeof value === 'bigint' && value >= int64Min && value <= int64Max;

const bigintLong = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer(value: bigint) {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: isInt64,
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/** What all three share: a value written with the same logical type, or with the bare one below it, is readable. */
abstract class Mapped extends avro.types.LogicalType {
  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    if (writer.typeName === this.typeName) return (value) => value;
    return writer.typeName === this.underlyingType.typeName ? (value) => this._fromValue(value) : undefined;
  }
}

/** On top of our long, not avsc's own, which loses precision. */
abstract class MappedLong extends Mapped {
  constructor(schema: Schema, options?: object) {
    super(schema, { ...options, typeHook: () => bigintLong });
  }
}

class DecimalString extends MappedLong {
  protected override _fromValue(value: bigint): string {
    return value.toString();
  }

  protected override _toValue(value: unknown): bigint | undefined {
    return typeof value === 'string' && /^-?(0|[1-9]\d{0,18})$/.test(value) ? BigInt(value) : undefined;
  }
}

class SafeInteger extends MappedLong {
  protected override _fromValue(value: bigint): number {
    return Number(value);
  }

  protected override _toValue(value: unknown): bigint | undefined {
    return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
  }
}

class JsonText extends Mapped {
  /** Text that others wrote need not be JSON. */
  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    return writer.typeName === this.typeName ? (value) => value : undefined;
  }

  protected override _fromValue(value: string): unknown {
    return JSON.parse(value);
  }

  protected override _toValue(value: unknown): string | undefined {
    return value === undefined ? undefined : canonicalJson(value);
  }
}

/** What each says more about; on anything else it would hide what other clients read. */
export const baseTypes: ReadonlyMap<string, string> = new Map([
  ['decimal-string', 'long'],
  ['safe-integer', 'long'],
  ['json', 'string'],
]);

const logicalTypes = { 'decimal-string': DecimalString, 'safe-integer': SafeInteger, json: JsonText };
