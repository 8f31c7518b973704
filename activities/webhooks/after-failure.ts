import type { AfterFailure } from '../../store/subscriptions/end-attempt.ts';
import type { Message } from '../../store/subscriptions/take-delivery.ts';
import type { Subscription } from '../../store/subscriptions/types.ts';
import type { Sent } from './post-webhook.ts';

const retryMsMax = 3_600_000;
const gone = 410;
const outageRetryMs = 5_000;

/**
 * When the message goes again, if it does: the subscription's delay, doubled by every attempt, or as long as a 429 or a 503
 * asks for; an hour at most. A ping is tried once, and so is everything where no acknowledgement is asked for. 410 says
 * that the receiver wants nothing any more. An outage of our own is not an attempt: the message waits for its end.
 */
export function afterFailure(
  { ackRequired, retryCountMax, retryDelayMs }: Subscription,
  { attempt, kind }: Message,
  { responseCode, retryAfterMs, isOutage = false }: Sent,
): AfterFailure {
  if (isOutage) return { retryInMs: outageRetryMs, isUncounted: true };
  if (responseCode === gone && kind === 'events')
    return { retryInMs: null, disable: 'the receiver answered 410, which says that it is gone' };
  if (kind === 'ping' || !ackRequired || attempt > retryCountMax) return { retryInMs: null };
  const doubledMs = Math.min(retryMsMax, retryDelayMs * 2 ** Math.min(attempt - 1, 20));
  // less up to a quarter, so that many do not come at once
  const waitMs = doubledMs * (1 - Math.random() / 4);
  return { retryInMs: Math.ceil(Math.min(retryMsMax, Math.max(waitMs, retryAfterMs ?? 0))) };
}
