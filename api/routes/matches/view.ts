import { LootError } from '../../../domain/errors.ts';
import { readMatch } from '../../../store/matches/reads.ts';
import type { MatchView } from '../../../store/matches/reads.ts';
import { workflowIds } from '../../../workflows/messages.ts';
import type { Principal } from '../../auth/policy.ts';
import type { Services } from '../../deps.ts';

export function matchView({ temporal }: Services, principal: Principal, match: MatchView) {
  const playerId = principal.type === 'player' ? principal.playerId : undefined;
  const workflowId =
    match.mode === 'external' ? workflowIds.rewardGrant(match.matchId) : workflowIds.match(match.matchId);
  return {
    matchId: match.matchId,
    mode: match.mode,
    region: match.region,
    status: match.status,
    seat: match.players.find((seat) => seat.playerId === playerId)?.seat ?? null,
    joinCode: match.joinCode,
    players: match.players,
    economyVersion: match.economyVersion,
    seedHash: match.seedHash,
    seed: match.seed,
    reviewRequired: match.reviewRequired,
    startsAt: match.startsAt?.toISOString() ?? null,
    startedAt: match.startedAt?.toISOString() ?? null,
    endedAt: match.endedAt?.toISOString() ?? null,
    createdAt: match.createdAt.toISOString(),
    workflowId,
    workflowUrl: principal.type === 'client' ? temporal.workflowUrl(workflowId) : null,
  };
}

/** A match is there for those who play in it; to other players it does not exist. Throws `not_found`. */
export async function readVisibleMatch(
  { db }: Services,
  principal: Principal,
  matchId: string,
): Promise<MatchView> {
  const match = await readMatch(db, matchId);
  const visible =
    match !== null &&
    (principal.type === 'client' || match.players.some(({ playerId }) => playerId === principal.playerId));
  if (!visible) throw new LootError('not_found', 'There is no such match.');
  return match;
}
