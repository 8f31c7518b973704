import { boardOf } from '../../domain/leaderboards/board-of.ts';
import { addScores } from '../../store/leaderboard/add-scores.ts';
import { defineHandler } from './define.ts';

export const keepLeaderboard = () =>
  defineHandler({
    group: 'leaderboard',
    types: ['game.match.finished.v1'],
    // sums do not depend on order
    onDeadLetter: 'pass',
    async handle(tx, { data: { clientId, mode, players } }, { context }) {
      const leaderboard = boardOf({ clientId, mode });
      const gains = players
        .filter(({ score }) => score > 0)
        .map(({ playerId, score }) => ({ playerId, gain: BigInt(Math.trunc(score)) }));
      await addScores(tx, leaderboard, gains, context);
    },
  });
