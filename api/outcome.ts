import type { LootError } from '../domain/errors.ts';
import type { Call, Reply } from './http.ts';
import { problemContentType, problemReply } from './middleware/errors.ts';

/**
 * A failure that is a story's outcome: returned, so that it is stored and answered again for its key. (A refusal before the
 * story is thrown, and leaves the key free.)
 */
export function outcomeReply(
  call: Pick<Call<unknown, unknown, unknown>, 'http' | 'requestId'>,
  error: LootError,
): Reply {
  const reply = problemReply(error, { requestId: call.requestId, traceId: call.http.get('trace').traceId });
  return { ...reply, headers: { ...reply.headers, 'content-type': problemContentType } };
}

/** Not over yet: where to look, and when. */
export const acceptedReply = (body: unknown, location: string, retryAfterSeconds = 1): Reply => ({
  status: 202,
  body,
  headers: { location, 'retry-after': String(retryAfterSeconds) },
});
