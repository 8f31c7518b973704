import { isInside, isWall, neighbour } from './grid.ts';
import { playerAt, withPlayer } from './state.ts';
import type { Direction, LivingPlayer, MatchState, Step } from './types.ts';

/** One tile in a cardinal direction. A tile is free the moment its player has left it or died, never before. */
export function move(state: MatchState, player: LivingPlayer, direction: Direction): Step {
  const to = neighbour(player.at, direction);
  if (!isInside(to) || isWall(to) || playerAt(state, to) !== undefined) return { rejected: 'blocked' };
  return {
    state: withPlayer(state, { ...player, at: to }),
    effect: { type: 'moved', seat: player.seat, to },
  };
}
