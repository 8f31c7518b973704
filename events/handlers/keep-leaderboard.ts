import { boardOf } from '../../domain/leaderboards/board-of.ts';
import { addScores } from '../../store/leaderboard/add-scores.ts';
import { defineBatchHandler } from './define.ts';

export const keepLeaderboard = () =>
  defineBatchHandler({
    group: 'leaderboard',
    types: ['game.match.finished.v1'],
    // sums do not depend on order
    onDeadLetter: 'pass',
    async handleMany(tx, events, { contextOf }) {
      const gains = events.flatMap((event) => {
        const { clientId, mode, players } = event.data;
        const gained = { leaderboard: boardOf({ clientId, mode }), context: contextOf(event) };
        return players
          .filter(({ score }) => score > 0)
          .map(({ playerId, score }) => ({ ...gained, playerId, gain: BigInt(Math.trunc(score)) }));
      });
      await addScores(tx, gains);
    },
  });
