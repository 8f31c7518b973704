import type { LetterConditions } from '../dead-letters/reads.ts';

/** Which letters: by id, or the waiting ones that meet all given conditions, at most `limit` of them. */
export type RedriveSelection =
  | { deadLetterIds: readonly string[] }
  | { filter: Omit<LetterConditions, 'status'>; limit?: number | undefined };

export type NewRedrive = {
  redriveId: string;
  requestedBy: string;
  selection: RedriveSelection;
  /** Nothing is handled or closed; every letter is told what would become of it. */
  preview: boolean;
  /** Given: the letters are closed unhandled for this reason, and only what waits behind them is handled. */
  discardReason: string | null;
  /** Also letters that have failed too often. */
  force: boolean;
  ratePerSecond: number | null;
};

export type RedriveState = 'running' | 'paused' | 'cancelling' | 'completed' | 'cancelled';

export type Redrive = NewRedrive & {
  state: RedriveState;
  letterCount: number;
  doneCount: number;
  /** Letters that were handled or discarded; of a preview, those that would be. */
  handledCount: number;
  /** Letters that wait on; of a preview, those that would. */
  keptCount: number;
  /** Events that were parked behind letters and are handled. */
  releasedCount: number;
  percent: number;
  /** At the pace since it was started or resumed; null when nothing is known, or it does not move. */
  leftMs: number | null;
  createdAt: Date;
  endedAt: Date | null;
};

/** What became of a letter, or in a preview what would. */
export type LetterOutcome =
  | 'handled'
  | 'already_handled'
  | 'discarded'
  | 'closed_before'
  | 'failed'
  | 'dead'
  | 'parked_behind'
  | 'too_many_attempts'
  | 'no_handler'
  | 'gone';

export type LetterDetail = { errorClass?: string; errorMessage?: string; parkedBehindCount?: number };

export type RedriveLetter = {
  n: number;
  deadLetterId: string;
  outcome: LetterOutcome | null;
  detail: LetterDetail | null;
  releasedCount: number;
  doneAt: Date | null;
};
