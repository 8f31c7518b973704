import type { HostClaim } from '../../store/matches/claim-host.ts';
import type { ClosedLobby } from '../../store/matches/close-lobby.ts';
import type { Confirmation } from '../../store/matches/confirm-seat.ts';
import type { StartedMatch } from '../../store/matches/lock-loadouts.ts';

type OfMatch = { matchId: string };
type OfSeat = OfMatch & { playerId: string };

/** Steps of a match, each one transaction that answers the same when it is asked again. */
export type MatchActivities = {
  confirmSeat(input: OfSeat): Promise<Confirmation>;
  releaseSeat(input: OfSeat): Promise<{ released: boolean }>;
  closeLobby(input: OfMatch): Promise<ClosedLobby>;
  drawSeed(input: OfMatch): Promise<{ seedHash: string }>;
  lockLoadouts(input: OfMatch): Promise<StartedMatch>;
  settleMatch(input: OfMatch): Promise<SettledMatch>;
  cancelMatch(input: OfMatch & { reason: string }): Promise<{ cancelled: boolean }>;
  voidMatch(input: OfMatch & { reason: string }): Promise<{ voided: boolean }>;
};

export type SettledMatch = {
  endTick: number;
  reviewRequired: boolean;
  players: { playerId: string; outcome: string; placement: number; score: number }[];
};

/**
 * What only a match host can do. `claimHost` is answered by whichever host is asked first; `hostMatch` runs on the host
 * that holds the claim and lasts as long as the match. Its end is a value, unless the host failed or fell silent.
 */
export type HostActivities = {
  claimHost(input: OfMatch & { lossCount: number }): Promise<HostClaim>;
  hostMatch(input: OfMatch & { fence: number }): Promise<HostedEnd>;
};

/** `over`: voided meanwhile. `moved`: another claim was drawn. `draining`: the host is being stopped and hands over. */
export type HostedEnd = { status: 'finished'; endTick: number } | { status: 'over' | 'moved' | 'draining' };
