import type { EventContext, EventData, EventType } from '../domain/events.ts';
import type { Tx } from '../store/db.ts';

/** An event as a handler sees it: decoded, checked, with the place it was read from. */
export type DeliveredEvent<T extends EventType = EventType> = {
  [K in T]: {
    id: string;
    source: string;
    type: K;
    subject: string;
    time: string;
    key: string | null;
    /** Gap-free per aggregate; null where the topic has none. */
    sequence: bigint | null;
    correlationId: string | null;
    causationId: string | null;
    ledgerEpoch: number;
    data: EventData[K];
    position: { topic: string; partition: number; offset: bigint };
  };
}[T];

export type HandlerScope = {
  /** For events and journals the handler writes: caused by this event, part of its trace. */
  context: EventContext;
};

/**
 * What a consumer group does with its events. The runtime owns decoding, inbox, retries, parking, offsets and traces.
 *
 * Order: `handle` and the inbox row commit together, then `signal`, then the offset. An event delivered again skips
 * `handle` but not `signal`, because a crash may have come between; so `signal` is a nudge that may be sent twice and
 * is a function of the event (and committed rows) alone.
 */
export type EventHandler<T extends EventType = EventType> = {
  /** Name of the consumer group; permanent, because inbox and offsets hang on it. */
  group: string;
  /** Versions it understands; other types of the same topics are skipped, other versions of these are dead at once. */
  types: readonly T[];
  /** `park`: later events of the key wait behind a dead letter. `pass`: each event stands alone. */
  onDeadLetter: 'park' | 'pass';
  handle(tx: Tx, event: DeliveredEvent<T>, scope: HandlerScope): Promise<void>;
  signal?(event: DeliveredEvent<T>, scope: HandlerScope): Promise<void>;
};

/** Something started that can be stopped. */
export type Running = { stop(): Promise<void> };
