import type { EventFilter } from '../event-filter.ts';

/** An event replay reads a past window of a topic once more and hands what the filter lets through to one target. */
export type NewReplay = {
  topic: string;
  window: ReplayWindow;
  filter: EventFilter;
  target: ReplayTarget;
  /** Events per second at most; null: as fast as the target takes them. */
  rate: number | null;
};

/** From there up to, not including, there: by Kafka's own time of each record, or by offsets of the partitions named. */
export type ReplayWindow = { from: WindowPoint; to: WindowPoint };
export type WindowPoint = { time: string } | { offsets: Readonly<Record<string, string>> };

export type ReplayTarget =
  /** The records as they were plus `ce_replayid`, in a topic of their own; absent: the source's `.replay` topic. */
  | { kind: 'topic'; topic?: string }
  /** A consumer group's handler: `shadow` leaves nothing behind, `real` is for handlers that are safe to replay. */
  | { kind: 'handler'; group: string; mode: 'shadow' | 'real' }
  /** A fresh read model under a name of its own; `reset` empties what an earlier replay left under that name. */
  | { kind: 'projection'; projection: string; into: string; reset?: boolean }
  | { kind: 'subscription'; subscriptionId: string };

export type ReplayState = 'pinning' | 'running' | 'paused' | 'completed' | 'cancelled' | 'failed';

/** An event that the target did not take; the replay goes on without it. */
export type ReplayFailure = {
  partition: number;
  offset: string;
  eventId: string | null;
  type: string | null;
  errorClass: string;
  errorMessage: string;
};

export const isOver = (state: ReplayState): boolean =>
  state === 'completed' || state === 'cancelled' || state === 'failed';

/** `topic game.match.replay`, as a story's title and an audit entry say it. */
export function describeTarget(target: ReplayTarget, source: string): string {
  switch (target.kind) {
    case 'topic':
      return `topic ${target.topic ?? replayTopicOf(source)}`;
    case 'handler':
      return `${target.mode === 'shadow' ? 'the shadow of handler' : 'handler'} ${target.group}`;
    case 'projection':
      return `projection ${target.projection} ${target.into}`;
    case 'subscription':
      return `subscription ${target.subscriptionId}`;
    default:
      return target satisfies never;
  }
}

const replaySuffix = '.replay';

export const replayTopicOf = (topic: string): string => topic + replaySuffix;
