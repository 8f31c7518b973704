import { errorCodes } from '../domain/errors.ts';

/** `docs/reference/errors.md`: the closed list, as a page that `type` of every problem document leads to. */
export function errorReference(): string {
  const rows = Object.entries(errorCodes)
    .toSorted(([a, left], [b, right]) => left.status - right.status || a.localeCompare(b))
    .map(
      ([code, { status, canRetry, title }]) =>
        `| <a id="${code}"></a>\`${code}\` | ${status} | ${title} | ${canRetry ? 'yes' : 'no'} |`,
    );
  return [
    '# Errors',
    '',
    'Every error is an `application/problem+json` document (RFC 9457) with one of these codes. *Retry* says whether the same',
    'request may succeed later; a mutation is retried with the same `Idempotency-Key`. Generated from `domain/errors.ts`.',
    '',
    '| Code | Status | Meaning | Retry |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
