/** How far apart one process's notices are: the first goes at once, what commits meanwhile shares the next. One per
 * transaction would halve the write throughput (they share one lock at commit). */
const spacingMs = 5;

export const outboxChannel = 'lootledger_outbox';

export type OutboxListening = () => boolean;

/** Tells this process's relay at once and other processes' relays soon that committed events wait for Kafka. */
export type OutboxAnnouncer = {
  committed(): void;
  /**
   * Calls the listener after each commit of this process that wrote events; answers how to stop it. One that answers true
   * carries all of it, and no other process is told.
   */
  listen(listener: OutboxListening): () => void;
  close(): void;
};

/** `notify` runs one statement on any connection; when it fails, the relays' poll is the net. */
export function createOutboxAnnouncer(notify: (statement: string) => Promise<unknown>): OutboxAnnouncer {
  const listeners = new Set<OutboxListening>();
  let timer: NodeJS.Timeout | undefined;
  let toldAtMs = -spacingMs;
  let closed = false;
  const tell = () => {
    timer = undefined;
    toldAtMs = performance.now();
    notify(`NOTIFY ${outboxChannel}`).catch(() => {});
  };
  return {
    committed() {
      let isCarried = false;
      for (const listener of listeners) if (listener()) isCarried = true;
      if (closed || isCarried || timer !== undefined) return;
      const waitMs = toldAtMs + spacingMs - performance.now();
      if (waitMs <= 0) tell();
      else timer = setTimeout(tell, waitMs);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
