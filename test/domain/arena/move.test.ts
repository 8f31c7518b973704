import { describe, expect, it } from 'vitest';
import { acts, answers, board, go, hit, living, tickOf, tile } from './world.ts';

describe('move', () => {
  it('goes one tile north, south, east or west; north is up', () => {
    const from = board([{ at: tile(5, 5) }, {}]);
    const to = (direction: 'north' | 'south' | 'east' | 'west') =>
      living(tickOf(from, [acts(0, go(direction))]).state, 0).at;
    expect([to('north'), to('south'), to('east'), to('west')]).toEqual([
      tile(5, 4),
      tile(5, 6),
      tile(6, 5),
      tile(4, 5),
    ]);
  });

  it('is blocked by a wall, by the edge and by a player', () => {
    expect(answers(tickOf(board([{ at: tile(0, 1) }, {}]), [acts(0, go('east'))]))).toEqual(['blocked']);
    expect(answers(tickOf(board([{ at: tile(0, 0) }, {}]), [acts(0, go('north'))]))).toEqual(['blocked']);
    expect(answers(tickOf(board([{ at: tile(9, 9) }, { at: tile(0, 0) }]), [acts(0, go('south'))]))).toEqual([
      'blocked',
    ]);
    expect(answers(tickOf(board([{ at: tile(5, 5) }, { at: tile(6, 5) }]), [acts(0, go('east'))]))).toEqual([
      'blocked',
    ]);
  });

  it('cannot swap two players: the first to try is blocked, then so is the second', () => {
    const facing = board([{ at: tile(5, 5) }, { at: tile(6, 5) }]);
    expect(answers(tickOf(facing, [acts(0, go('east')), acts(1, go('west'))]))).toEqual([
      'blocked',
      'blocked',
    ]);
  });

  it('takes a tile that was vacated earlier in the same tick, not one vacated later', () => {
    const inLine = board([{ at: tile(4, 5) }, { at: tile(5, 5) }]);
    const leaderFirst = [acts(1, go('east')), acts(0, go('east'))];
    expect(answers(tickOf(inLine, leaderFirst))).toEqual(['moved', 'moved']);
    expect(answers(tickOf(inLine, leaderFirst.toReversed()))).toEqual(['blocked', 'moved']);
  });

  it('takes the tile of a player who died earlier in the same tick', () => {
    const state = board([{ at: tile(4, 5) }, { at: tile(5, 5), hp: 1 }, { at: tile(6, 5) }]);
    const after = tickOf(state, [hit(0, 1), acts(2, go('west'))]);
    expect(answers(after)).toEqual(['attacked', 'moved']);
    expect(living(after.state, 2).at).toEqual(tile(5, 5));
  });

  it('is never blocked by nodes and drops', () => {
    const piles = { nodes: [{ at: tile(5, 4), resources: 60 }], drops: [{ at: tile(5, 4), resources: 5 }] };
    expect(answers(tickOf(board([{ at: tile(5, 5) }, {}], piles), [acts(0, go('north'))]))).toEqual([
      'moved',
    ]);
  });
});
