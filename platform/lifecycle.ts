import type { Log } from './log.ts';

/**
 * What a process has opened, closed in reverse order of opening, so that whoever depends on something goes first. SIGTERM
 * and SIGINT drain; a second signal, or a drain longer than `drainMsMax`, ends the process at once.
 */
export type Lifecycle = {
  /** Registers a closer under a name for the log. */
  onStop(name: string, close: () => Promise<void> | void): void;
  readonly stopping: boolean;
  stop(reason: string): Promise<void>;
};

export function createLifecycle(log: Log, drainMsMax = 30_000): Lifecycle {
  const closers: { name: string; close: () => Promise<void> | void }[] = [];
  let stopped: Promise<void> | undefined;

  async function closeAll(reason: string): Promise<void> {
    const startedAtMs = performance.now();
    const failures: string[] = [];
    for (const { name, close } of closers.toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(name);
        log.error({ err: error, part: name }, 'a part did not close cleanly');
      }
    }
    log.info({ reason, failures, durationMs: Math.round(performance.now() - startedAtMs) }, 'stopped');
  }

  return {
    onStop: (name, close) => void closers.push({ name, close }),
    get stopping() {
      return stopped !== undefined;
    },
    stop(reason) {
      if (stopped === undefined) {
        setTimeout(() => process.exit(1), drainMsMax).unref();
        stopped = closeAll(reason);
      }
      return stopped;
    },
  };
}

/** Drains on SIGTERM and SIGINT, and on an error nobody caught: state after such an error is not to be trusted. */
export function exitOnSignals(lifecycle: Lifecycle, log: Log): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (lifecycle.stopping) process.exit(1);
      void lifecycle.stop(signal).then(() => process.exit(0));
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event);
      void lifecycle.stop(event).then(() => process.exit(1));
    });
  }
}
