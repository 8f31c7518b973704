import type { Db } from '../../store/db.ts';
import { cancelMatch } from '../../store/matches/cancel-match.ts';
import { closeLobby } from '../../store/matches/close-lobby.ts';
import { confirmSeat } from '../../store/matches/confirm-seat.ts';
import { drawSeed } from '../../store/matches/draw-seed.ts';
import { lockLoadouts } from '../../store/matches/lock-loadouts.ts';
import { releaseSeat } from '../../store/matches/release-seat.ts';
import { settleMatch } from '../../store/matches/settle-match.ts';
import { voidMatch } from '../../store/matches/void-match.ts';
import { causeOfStep } from '../cause.ts';
import { orFailure } from '../failures.ts';
import type { MatchActivities } from './types.ts';

/** Events say which workflow and which trace they come from. */
const context = () => causeOfStep('system:match').context;

export const createMatchActivities = ({ db }: { db: Db }): MatchActivities => ({
  confirmSeat: ({ matchId, playerId }) => orFailure(() => confirmSeat(db, matchId, playerId, context())),
  releaseSeat: ({ matchId, playerId }) => orFailure(() => releaseSeat(db, matchId, playerId, context())),
  closeLobby: ({ matchId }) => orFailure(() => closeLobby(db, matchId)),
  drawSeed: ({ matchId }) => orFailure(() => drawSeed(db, matchId)),
  lockLoadouts: ({ matchId }) => orFailure(() => lockLoadouts(db, matchId, context())),
  settleMatch: ({ matchId }) =>
    orFailure(async () => {
      const { endTick, reviewRequired, players } = await settleMatch(db, matchId, context());
      return {
        endTick,
        reviewRequired,
        players: players.map(({ playerId, outcome, placement, score }) => ({
          playerId,
          outcome,
          placement,
          score,
        })),
      };
    }),
  cancelMatch: ({ matchId, reason }) => orFailure(() => cancelMatch(db, matchId, reason, context())),
  voidMatch: ({ matchId, reason }) => orFailure(() => voidMatch(db, matchId, reason, context())),
});
