import { errorCodes } from '../../domain/errors.ts';
import type { LootError } from '../../domain/errors.ts';
import type { Reply } from '../http.ts';

export const problemContentType = 'application/problem+json';

/** RFC 9457. The `type` leads to the error reference, which the API serves itself. */
export const problemType = (code: string): string => `/docs/errors#${code}`;

/** The one place where an error becomes HTTP. */
export function problemReply(error: LootError, ids: { requestId: string; traceId: string }): Reply {
  const { status, title, canRetry } = errorCodes[error.code];
  const body = {
    ...error.extra,
    type: problemType(error.code),
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(error.errors.length > 0 && { errors: error.errors }),
    canRetry,
    ...ids,
  };
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== undefined)
    headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="lootledger"';
  if (status === 413) headers['connection'] = 'close';
  if (typeof error.extra['allow'] === 'string') headers['allow'] = error.extra['allow'];
  return { status, body, headers };
}
