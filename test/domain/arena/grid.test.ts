import { describe, expect, it } from 'vitest';
import { GRID_SIZE, isWall, nodeTiles, spawns, wallBetween, walls } from '../../../domain/arena/grid.ts';
import type { Position } from '../../../domain/arena/types.ts';
import { tile } from './world.ts';

const halfTurn = ({ x, y }: Position): Position => ({ x: GRID_SIZE - 1 - x, y: GRID_SIZE - 1 - y });
const sorted = (tiles: readonly Position[]) => tiles.map(({ x, y }) => `${x},${y}`).toSorted();

describe('the map', () => {
  it('has the walls and nodes of the rules, nodes in the order of their streams', () => {
    const corners = ['1,1', '2,1', '1,2', '7,1', '8,1', '8,2', '1,7', '1,8', '2,8', '8,7', '7,8', '8,8'];
    expect(sorted(walls)).toEqual(corners.toSorted());
    const nodes = ['4,1', '5,8', '1,4', '8,5', '3,4', '6,5', '5,3', '4,6'];
    expect(nodeTiles.map(({ x, y }) => `${x},${y}`)).toEqual(nodes);
  });

  it('is symmetric under a half turn', () => {
    expect(sorted(walls.map(halfTurn))).toEqual(sorted(walls));
    expect(sorted(nodeTiles.map(halfTurn))).toEqual(sorted(nodeTiles));
  });

  it('spawns players where the rules say', () => {
    const places = Object.fromEntries(
      [...spawns].map(([count, at]) => [count, at.map(({ x, y }) => `${x},${y}`).join(' ')]),
    );
    expect(places).toEqual({
      2: '0,0 9,9',
      3: '0,0 9,0 4,9',
      4: '0,0 9,0 0,9 9,9',
      5: '0,0 9,0 0,9 9,9 4,4',
      6: '0,0 9,0 0,9 9,9 0,4 9,5',
    });
  });

  it('has a spawn for every seat of two to six players, never on a wall, a node or another spawn', () => {
    expect([...spawns.keys()]).toEqual([2, 3, 4, 5, 6]);
    const taken = new Set(sorted([...walls, ...nodeTiles]));
    for (const [count, tiles] of spawns) {
      expect(new Set(sorted(tiles)).size).toBe(count);
      expect(sorted(tiles).filter((at) => taken.has(at))).toEqual([]);
    }
  });

  it('lets every spawn reach every node', () => {
    const reachable = new Set(['0,0']);
    for (const at of reachable) {
      const [x, y] = at.split(',').map(Number) as [number, number];
      for (const next of [tile(x + 1, y), tile(x - 1, y), tile(x, y + 1), tile(x, y - 1)]) {
        const inside = next.x >= 0 && next.y >= 0 && next.x < GRID_SIZE && next.y < GRID_SIZE;
        if (inside && !isWall(next)) reachable.add(`${next.x},${next.y}`);
      }
    }
    expect(reachable.size).toBe(GRID_SIZE * GRID_SIZE - walls.length);
  });

  it('sees through anything but a wall between two tiles of one row or column', () => {
    expect(wallBetween(tile(0, 1), tile(3, 1))).toBe(true);
    expect(wallBetween(tile(3, 1), tile(0, 1))).toBe(true);
    expect(wallBetween(tile(1, 0), tile(1, 3))).toBe(true);
    expect(wallBetween(tile(3, 1), tile(6, 1))).toBe(false);
    expect(wallBetween(tile(0, 0), tile(2, 2))).toBe(false);
  });
});
