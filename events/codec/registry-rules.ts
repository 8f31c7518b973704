import { createHash } from 'node:crypto';
import type { Type } from 'avsc';
import { canonicalBytes } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import { LootError } from '../../domain/errors.ts';
import { arrayOfNothing } from './avro-blocks.ts';
import { avroType, baseTypes } from './avro-types.ts';
import { errorMessageOf } from '../consumer/failures.ts';

/** The one level there is: a new schema reads what every earlier version of its subject wrote. */
export const compatibilityLevel = 'BACKWARD_TRANSITIVE';

/** Equal schemas have equal fingerprints, however their JSON is written. */
export const fingerprintOf = (content: JsonValue): string =>
  createHash('sha256').update(canonicalBytes(content)).digest('hex');

/** Throws `validation_failed` for what is not an Avro schema, or one whose bytes nobody could read safely. */
export function parseSchema(content: JsonValue): Type {
  const avro = parsed(content);
  const misplaced = misplacedLogicalType(content);
  if (misplaced !== undefined)
    throw new LootError(
      'validation_failed',
      `logicalType ${misplaced} belongs on "type": "${baseTypes.get(misplaced) ?? ''}"`,
    );
  if (arrayOfNothing(avro) !== undefined)
    throw new LootError('validation_failed', 'an array of items without bytes could be of any length');
  return avro;
}

/** One of ours on another type than its own; also where it only looks like one, as in a default. */
function misplacedLogicalType(part: JsonValue): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  if ('logicalType' in part && typeof part.logicalType === 'string') {
    const base = baseTypes.get(part.logicalType);
    if (base !== undefined && (!('type' in part) || part.type !== base)) return part.logicalType;
  }
  for (const inner of Object.values(part)) {
    const found = misplacedLogicalType(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(content: JsonValue): Type {
  try {
    return avroType(content);
  } catch (error) {
    throw new LootError('validation_failed', `not an Avro schema: ${errorMessageOf(error)}`, {
      cause: error,
    });
  }
}

/** Why a reader cannot resolve a writer's schema; undefined when it can. */
export function whyUnreadable(reader: Type, writer: JsonValue): string | undefined {
  try {
    reader.createResolver(avroType(writer));
    return undefined;
  } catch (error) {
    return errorMessageOf(error);
  }
}

/** Throws `schema_incompatible`, naming the first earlier version that would become unreadable. */
export function assertReads(subject: string, reader: Type, earlier: readonly JsonValue[]): void {
  for (const [index, content] of earlier.entries()) {
    const why = whyUnreadable(reader, content);
    if (why !== undefined)
      throw new LootError(
        'schema_incompatible',
        `${subject} could not read its version ${index + 1}: ${why}`,
      );
  }
}
