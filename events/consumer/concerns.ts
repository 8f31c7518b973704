import type { DeliveredRecord } from '../kafka/broker.ts';
import { typeOf } from '../codec/envelope.ts';
import type { EventHandler } from './handler.ts';

/**
 * Whether a handler has anything to do with a record, from its headers alone. A record without a type, and an unknown
 * version of a named type, are the handler's: it has to give them up.
 */
export function concernOf({ types }: Pick<EventHandler, 'types'>): (record: DeliveredRecord) => boolean {
  const exact = new Set<string>(types);
  const named = new Set(types.map(withoutVersion));
  return ({ headers }) => {
    const type = typeOf(headers);
    return type === undefined || exact.has(type) || named.has(withoutVersion(type));
  };
}

const withoutVersion = (type: string): string => type.replace(/\.v\d+$/, '');
