/** Waiting with limits: deadlines, sleeps that can be cut short, delays that grow. */

export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** Fails with DeadlinePassed at the deadline, whatever `work` does; its late outcome is dropped. */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new DeadlinePassed(`no answer from ${what} within ${deadlineMs} ms`)),
    deadlineMs,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

/** One attempt at a time; a failed one is forgotten, so that the next caller tries again. */
export function connectOnce(connect: () => Promise<void>): () => Promise<void> {
  let connected: Promise<void> | undefined;
  return () => {
    connected ??= connect().catch((error: unknown) => {
      connected = undefined;
      throw error;
    });
    return connected;
  };
}

/** Resolves after `ms`, or at once when the signal fires. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** `baseMs` doubled per attempt (from 1) up to `maxMs`, less up to a quarter at random so that many do not come at once. */
export function backoffMs(attempt: number, baseMs: number, maxMs: number): number {
  const delayMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 20));
  return delayMs * (1 - Math.random() / 4);
}
