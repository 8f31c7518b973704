import type { Decision } from '../../domain/market/types.ts';
import type { RewardLineResult } from '../../workflows/messages.ts';

type OfMatch = { matchId: string };

export type Verdict = { decision: Decision; reason: string };

/** What a grant is about, as the story needs it for its text and its decisions. */
export type GrantView = {
  mode: string;
  players: { playerId: string; pays: string }[];
  reviewRequired: boolean;
  reviewLimitMs: number;
  reviewPolicy: 'pay' | 'withhold';
  verdict: Verdict | null;
};

/** `waiting`: a valve is closed or a cap reached, `reason` says which; what could be paid has been. */
export type GrantOutcome =
  | { status: 'paid' | 'withheld'; lines: RewardLineResult[] }
  | { status: 'waiting'; lines: RewardLineResult[]; reason: string };

export type RewardActivities = {
  /** Null while the match has no result. */
  readGrant(input: OfMatch): Promise<GrantView | null>;
  readGrantVerdict(input: OfMatch): Promise<Verdict | null>;
  /** The configured policy as a recorded verdict, unless one came in the last moment: that one counts. */
  decideGrant(input: OfMatch): Promise<Verdict>;
  payGrant(input: OfMatch): Promise<GrantOutcome>;
  withholdGrant(input: OfMatch & { reason: string }): Promise<GrantOutcome>;
};
