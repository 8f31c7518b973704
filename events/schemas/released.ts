import type { JsonValue } from '../../domain/canonical-json.ts';
import { parseSchema, whyUnreadable } from '../codec/registry-rules.ts';

/** What of a type has been released: every schema a deployment may have written with, in order. */
export type ReleasedType = { type: string; deprecatedOn: string | null; versions: readonly JsonValue[] };

export const readableDaysMin = 28;
const dayMs = 86_400_000;

/**
 * What would break deployments: a schema that cannot read what a released one wrote, a type that went too early. `today` as
 * `YYYY-MM-DD`.
 */
export function releaseProblems(
  present: ReadonlyMap<string, JsonValue>,
  released: readonly ReleasedType[],
  today: string,
): string[] {
  return released.flatMap(({ type, deprecatedOn, versions }) => {
    const content = present.get(type);
    if (content === undefined)
      return mayBeGone(deprecatedOn, today) ? [] : [goneTooEarly(type, deprecatedOn)];
    const reader = parseSchema(content);
    return versions.flatMap((version, index) => {
      const why = whyUnreadable(reader, version);
      return why === undefined ? [] : [`${type} could not read its released schema ${index + 1}: ${why}`];
    });
  });
}

const mayBeGone = (deprecatedOn: string | null, today: string): boolean =>
  deprecatedOn !== null && Date.parse(today) - Date.parse(deprecatedOn) >= readableDaysMin * dayMs;

const goneTooEarly = (type: string, deprecatedOn: string | null): string =>
  deprecatedOn === null
    ? `${type} was released and never deprecated, and is gone`
    : `${type} was deprecated on ${deprecatedOn}: it stays readable for ${readableDaysMin} days`;
