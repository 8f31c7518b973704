import type { EventFilter } from '../../domain/event-filter.ts';

export type SubscriptionMethod = 'webhook' | 'sse' | 'kafka';
export type SubscriptionState = 'active' | 'paused' | 'disabled';

/** What a subscriber says; everything of it can be changed but the method. */
export type SubscriptionSettings = {
  description: string;
  /** A topic, the beginning of several (`market.*`), or all (`*`). */
  topicPattern: string;
  /** Types or beginnings of types; empty means all. */
  types: readonly string[];
  filter: EventFilter;
  /** Of method `webhook`. */
  url: string | null;
  /** Of method `kafka`: a topic of the subscriber's own. */
  targetTopic: string | null;
  retryCountMax: number;
  /** Before the first retry; it doubles. */
  retryDelayMs: number;
  /** Requests; null is as many as there are. */
  ratePerMinute: number | null;
  batchEventsMax: number;
  /** How long the first event of a batch waits for others. */
  batchWaitMsMax: number;
  /** False: one attempt, whatever comes of it. */
  ackRequired: boolean;
};

export type Subscription = SubscriptionSettings & {
  subscriptionId: string;
  clientId: string;
  method: SubscriptionMethod;
  /** By the broker's clock: events from then on. */
  startsAt: Date;
  state: SubscriptionState;
  stateReason: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};
