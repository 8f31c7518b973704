import { ProblemError } from './problem-error.ts';

export type RetryOptions = {
  /** Tries in all, the first included. */
  readonly tryCountMax: number;
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
};

/** About ten seconds of patience: longer than a failover, shorter than a player's. */
export const defaultRetry: RetryOptions = { tryCountMax: 8, firstDelayMs: 100, delayMsMax: 3_000 };

/**
 * Refusals that may end otherwise when the very same request is sent again. Safe because a mutation carries its
 * Idempotency-Key: what had happened after all is answered, not done twice.
 */
const retriedCodes: ReadonlySet<string> = new Set([
  'request_in_flight',
  'rate_limited',
  'overloaded',
  'dependency_unavailable',
  'outcome_unknown',
  'host_moving',
]);

export const isWorthRetrying = (error: unknown): boolean =>
  error instanceof ProblemError
    ? retriedCodes.has(error.code) || error.status === 503 || error.status === 502
    : isNetworkError(error);

/** `fetch` reports every failure to reach the server as a TypeError; whether the request arrived is unknown. */
const isNetworkError = (error: unknown): boolean => error instanceof TypeError;

/** Runs `attempt` until it succeeds or a retry makes no sense; the last failure is thrown as it is. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let tryCount = 1; ; tryCount++) {
    try {
      return await attempt();
    } catch (error) {
      if (tryCount >= options.tryCountMax || signal?.aborted || !isWorthRetrying(error)) throw error;
      await sleep(delayMsFor(error, tryCount, options), signal);
    }
  }
}

/** What the server asks for, else exponential with full jitter, so that clients do not come back in step. */
function delayMsFor(error: unknown, tryCount: number, { firstDelayMs, delayMsMax }: RetryOptions): number {
  const asked = error instanceof ProblemError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked;
  return Math.random() * Math.min(delayMsMax, firstDelayMs * 2 ** tryCount);
}

export const sleep = (durationMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
