import { directions, GRID_SIZE, isInside, isSame, isWall, neighbour } from './grid.ts';
import { playerAt } from './state.ts';
import type { Direction, Position, PublicState } from './types.ts';

/** The first step of a shortest free way from a tile to the nearest goal; null if there is none or it is reached. */
export function stepToward(
  state: PublicState,
  from: Position,
  isGoal: (at: Position) => boolean,
): Direction | null {
  const seen = new Set([indexOf(from)]);
  const queue: { at: Position; first: Direction | null }[] = [{ at: from, first: null }];
  // breadth first; the loop runs on over what it appends
  for (const { at, first } of queue) {
    if (isGoal(at)) return first;
    for (const direction of openDirections(state, at)) {
      const next = neighbour(at, direction);
      if (seen.has(indexOf(next))) continue;
      seen.add(indexOf(next));
      queue.push({ at: next, first: first ?? direction });
    }
  }
  return null;
}

/** Where a player on this tile could move right now. */
export const openDirections = (state: PublicState, at: Position): readonly Direction[] =>
  directions.filter((direction) => {
    const to = neighbour(at, direction);
    return isInside(to) && !isWall(to) && playerAt(state, to) === undefined;
  });

export const holdsPile = (state: PublicState, at: Position): boolean =>
  [...state.nodes, ...state.drops].some((pile) => isSame(pile.at, at));

const indexOf = ({ x, y }: Position): number => y * GRID_SIZE + x;
