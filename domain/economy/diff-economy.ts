import { canonicalJson } from '../canonical-json.ts';
import type { JsonValue } from '../canonical-json.ts';
import type { Economy } from './types.ts';

/** One place where the file differs from what is published, as a JSON Pointer. */
export type EconomyChange =
  | { change: 'add'; pointer: string; after: JsonValue }
  | { change: 'remove'; pointer: string; before: JsonValue }
  | { change: 'replace'; pointer: string; before: JsonValue; after: JsonValue };

/** The plan: what applying `next` would change; everything is new when nothing is published. */
export function diffEconomy(current: Economy | null, next: Economy): EconomyChange[] {
  return diff('', current ?? {}, next);
}

function diff(pointer: string, before: JsonValue | undefined, after: JsonValue | undefined): EconomyChange[] {
  if (before === undefined) return after === undefined ? [] : [{ change: 'add', pointer, after }];
  if (after === undefined) return [{ change: 'remove', pointer, before }];
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return names.flatMap((name) =>
      diff(`${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, before[name], after[name]),
    );
  }
  return canonicalJson(before) === canonicalJson(after)
    ? []
    : [{ change: 'replace', pointer, before, after }];
}

const isObject = (value: JsonValue): value is { readonly [member: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
