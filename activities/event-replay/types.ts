import type { ReplayState } from '../../domain/replays/types.ts';

/** What the `eventReplay` story asks for; seen by the workflow as types alone. Each answers how the replay is after it. */
export type EventReplayActivities = {
  /** Fixes the window as offsets and makes the target ready. */
  prepareReplay(input: OfReplay): Promise<ReplayView>;
  /** Reads until the end, or until the replay is paused or over; heartbeats how far it is. */
  runReplay(input: OfReplay): Promise<ReplayView>;
  readReplay(input: OfReplay): Promise<ReplayView>;
  /** Ends a replay whose story was cancelled; it would hold its target for ever. */
  dropReplay(input: OfReplay): Promise<ReplayView>;
  /** Forgets what only a running replay needs. */
  closeReplay(input: OfReplay): Promise<ReplayView>;
};

type OfReplay = { replayId: string };
export type ReplayView = {
  topic: string;
  /** `topic game.match.replay`. */
  target: string;
  requestedBy: string;
  state: ReplayState;
  reason: string | null;
  warnings: string[];
  totalCount: number;
  doneCount: number;
  matchedCount: number;
  handledCount: number;
  failedCount: number;
  duplicateCount: number;
  percent: number;
  /** Null while nobody can say. */
  etaSeconds: number | null;
  eventsPerSecond: number | null;
};
