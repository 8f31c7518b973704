import type { ClawbackState } from '../../domain/clawback/types.ts';

type OfClawback = { clawbackId: string };

/** A clawback as its story needs it for its text and its decisions. */
export type ClawbackView = {
  state: ClawbackState;
  requestedBy: string;
  approvedBy: string | null;
  reportHash: string | null;
  grantCount: number;
  reversedCount: number;
  /** What the report says, or once it is completed the result, in Markdown. */
  facts: string;
  /** Until its report cannot be approved any more. */
  leftMs: number;
};

export type ClawbackActivities = {
  /** Selects and plays through; keeps the report. */
  examineClawback(input: OfClawback): Promise<ClawbackView>;
  readClawback(input: OfClawback): Promise<ClawbackView>;
  /** Examines again: `reversing` if it still shows what was approved, else `waiting` with another report. */
  beginReversal(input: OfClawback): Promise<ClawbackView>;
  /** The next grants after `after`, in one transaction. */
  reverseChunk(input: OfClawback & { after: string; limit: number }): Promise<ChunkView>;
  /** Still `reversing` when grants are left. */
  finishClawback(input: OfClawback): Promise<ClawbackView>;
  expireClawback(input: OfClawback): Promise<ClawbackView>;
  /** Ends it before anything was taken back. */
  dropClawback(input: OfClawback): Promise<ClawbackView>;
};

export type ChunkView = {
  /** Null: there is no further grant. */
  lastJournalId: string | null;
  reversedCount: number;
  waiting: { key: string; reason: string }[];
  refused: { key: string; reason: string }[];
};
