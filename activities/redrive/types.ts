import type { FinishedLetter } from '../../events/redrive/run.ts';
import type { RedriveState } from '../../store/redrives/types.ts';

/** What the `redrive` story asks for; seen by the workflow as types alone. */
export type RedriveActivities = {
  /**
   * Works letters off for some seconds, each followed by what waited behind it; heartbeats how far it has come. Ends early
   * when the redrive is paused, cancelled or done.
   */
  workOffLetters(input: { redriveId: string }): Promise<StretchReply>;
  /** Ends a redrive whose workflow was cancelled; what is not done with stays as it is. */
  dropRedrive(input: { redriveId: string }): Promise<StretchReply>;
};

export type StretchReply = {
  state: RedriveState;
  requestedBy: string;
  preview: boolean;
  discardReason: string | null;
  ratePerSecond: number | null;
  letterCount: number;
  doneCount: number;
  handledCount: number;
  keptCount: number;
  releasedCount: number;
  percent: number;
  leftMs: number | null;
  /** Those that were done with in this stretch. */
  letters: FinishedLetter[];
};
