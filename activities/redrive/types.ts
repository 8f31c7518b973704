/** What the `redrive` story asks for; seen by the workflow as types alone. */
export type RedriveActivities = {
  /** Hands one letter to its group's handler, or closes it unhandled when a reason to discard is given. */
  redriveLetter(input: RedriveLetterInput): Promise<RedriveLetterReply>;
  /** Handles what waits behind a closed letter, in order; heartbeats how far it has come. */
  releaseParked(input: { letterId: string }): Promise<ReleaseParkedReply>;
};

export type RedriveLetterInput = { letterId: string; actor: string; discardReason: string | null };
export type RedriveLetterReply =
  | { status: 'handled' | 'discarded' | 'closed_before' | 'unknown' }
  | { status: 'failed'; errorClass: string; errorMessage: string };
export type ReleaseParkedReply = { releasedCount: number; status: 'unparked' | 'blocked' | 'nothing_parked' };
