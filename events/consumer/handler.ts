import type { EventContext, EventData, EventType } from '../../domain/events.ts';
import type { Tx } from '../../store/db.ts';

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

export type BatchScope = {
  /** For what the handler writes because of one of the events. */
  contextOf(event: DeliveredEvent): EventContext;
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
  /** Handling an event again years later does no harm: a replay may run the handler for real (`events/replay/groups.ts`). */
  replaySafe?: true;
  handle(tx: Tx, event: DeliveredEvent<T>, scope: HandlerScope): Promise<void>;
  /**
   * Takes the place of `handle` for many events in one transaction, several of a key in their order. Rows that other
   * transactions write too are written in a fixed order, so that members do not deadlock. When it throws, all is rolled
   * back and each half is tried by itself, down to the event at fault: so `handleMany` of one event is `handle`.
   */
  handleMany?(tx: Tx, events: readonly DeliveredEvent<T>[], scope: BatchScope): Promise<void>;
  signal?(event: DeliveredEvent<T>, scope: HandlerScope): Promise<void>;
};

/** Something started that can be stopped. */
export type Running = { stop(): Promise<void> };
