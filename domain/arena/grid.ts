import type { Direction, Position } from './types.ts';

export const GRID_SIZE = 10;

/**
 * The board: (0,0) is top-left, x grows east and y grows south. `#` is a wall; a digit is a node, and names the stream
 * `node/<i>` it is rolled from. Walls and nodes are symmetric under a half turn, so no seat has the better side.
 */
const picture = [
  '..........',
  '.##.0..##.',
  '.#......#.',
  '.....6....',
  '.2.4......',
  '......5.3.',
  '....7.....',
  '.#......#.',
  '.##..1.##.',
  '..........',
];

const tiles = (...pairs: readonly (readonly [number, number])[]): readonly Position[] =>
  pairs.map(([x, y]) => ({ x, y }));

const drawn = (mark: string): readonly Position[] =>
  picture.flatMap((row, y) => [...row].flatMap((tile, x) => (tile === mark ? [{ x, y }] : [])));

export const walls = drawn('#');

/** In the order of their streams. */
export const nodeTiles = [...'01234567'].flatMap(drawn);

const corners = tiles([0, 0], [9, 0], [0, 9], [9, 9]);

/** Spawn tiles by number of players; the index is the seat. */
export const spawns: ReadonlyMap<number, readonly Position[]> = new Map([
  [2, tiles([0, 0], [9, 9])],
  [3, tiles([0, 0], [9, 0], [4, 9])],
  [4, corners],
  [5, [...corners, ...tiles([4, 4])]],
  [6, [...corners, ...tiles([0, 4], [9, 5])]],
]);

export const directions = ['north', 'south', 'east', 'west'] as const satisfies readonly Direction[];

const deltas: Readonly<Record<Direction, Position>> = {
  north: { x: 0, y: -1 },
  south: { x: 0, y: 1 },
  east: { x: 1, y: 0 },
  west: { x: -1, y: 0 },
};

const wallIndexes: ReadonlySet<number> = new Set(walls.map(({ x, y }) => y * GRID_SIZE + x));

export const isInside = ({ x, y }: Position): boolean => x >= 0 && y >= 0 && x < GRID_SIZE && y < GRID_SIZE;
export const isWall = ({ x, y }: Position): boolean => wallIndexes.has(y * GRID_SIZE + x);
export const isSame = (a: Position, b: Position): boolean => a.x === b.x && a.y === b.y;

export function neighbour(at: Position, direction: Direction): Position {
  const delta = deltas[direction];
  return { x: at.x + delta.x, y: at.y + delta.y };
}

/** Chebyshev distance: a diagonal neighbour is as near as a straight one. */
export const distance = (a: Position, b: Position): number =>
  Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

/** Whether a wall stands strictly between two tiles of one row or column; diagonals are never blocked. */
export function wallBetween(a: Position, b: Position): boolean {
  if (a.x !== b.x && a.y !== b.y) return false;
  const step = { x: Math.sign(b.x - a.x), y: Math.sign(b.y - a.y) };
  for (let i = 1; i < distance(a, b); i++) {
    if (isWall({ x: a.x + step.x * i, y: a.y + step.y * i })) return true;
  }
  return false;
}
