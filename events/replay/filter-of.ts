import { matchesFilter } from '../../domain/event-filter.ts';
import type { EventFilter } from '../../domain/event-filter.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { typeOf } from '../codec/envelope.ts';
import { filterable } from '../codec/structured.ts';

/** A filter as a question to a record. A million records pass here: most are turned away by their type alone. */
export function filterOf({ types, ...others }: EventFilter): (record: DeliveredRecord) => boolean {
  const passesOthers =
    Object.keys(others).length === 0
      ? () => true
      : (record: DeliveredRecord) => matchesFilter(others, filterable(record));
  if (types === undefined) return passesOthers;
  const passesType = perType((type) =>
    matchesFilter({ types }, { type, key: null, subject: null, header: () => undefined }),
  );
  return (record) => passesType(record) && passesOthers(record);
}

/** What others write into a header is not ours to keep without end. */
const verdictCountMax = 1_000;

/** A question whose answer hangs on the type alone: asked once per type. */
function perType(ask: (type: string) => boolean): (record: DeliveredRecord) => boolean {
  const verdicts = new Map<string, boolean>();
  return ({ headers }) => {
    const type = typeOf(headers) ?? '';
    const known = verdicts.get(type);
    if (known !== undefined) return known;
    const verdict = ask(type);
    if (verdicts.size < verdictCountMax) verdicts.set(type, verdict);
    return verdict;
  };
}
