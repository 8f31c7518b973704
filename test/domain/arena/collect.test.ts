import { describe, expect, it } from 'vitest';
import { acts, answers, board, collect, go, living, pile, tickOf, tile } from './world.ts';

describe('collect', () => {
  it('takes all of a node for 50 points; the node is empty for good', () => {
    const state = board([{ at: tile(4, 1) }, {}], { nodes: [pile(4, 1, 80), pile(5, 8, 90)] });
    const once = tickOf(state, [acts(0, collect)]);
    expect(once.events).toEqual([{ type: 'collected', seat: 0, resources: 80 }]);
    expect([living(once.state, 0).resources, living(once.state, 0).score]).toEqual([80, 50]);
    expect(once.state.nodes).toEqual([pile(5, 8, 90)]);
    expect(answers(tickOf(once.state, [acts(0, collect)]))).toEqual(['nothing_to_collect']);
  });

  it('takes node and drop of one tile together for one 50', () => {
    const state = board([{ at: tile(4, 1), resources: 1 }, {}], {
      nodes: [pile(4, 1, 80)],
      drops: [pile(4, 1, 7)],
    });
    const after = tickOf(state, [acts(0, collect)]).state;
    expect([living(after, 0).resources, living(after, 0).score]).toEqual([88, 50]);
    expect([after.nodes, after.drops]).toEqual([[], []]);
  });

  it('takes a drop alone, too', () => {
    const after = tickOf(board([{ at: tile(3, 3) }, {}], { drops: [pile(3, 3, 7)] }), [
      acts(0, collect),
    ]).state;
    expect([living(after, 0).resources, living(after, 0).score]).toEqual([7, 50]);
  });

  it('needs to stand on it', () => {
    const beside = board([{ at: tile(4, 2) }, {}], { nodes: [pile(4, 1, 80)] });
    const after = tickOf(beside, [acts(0, collect)]);
    expect(answers(after)).toEqual(['nothing_to_collect']);
    expect(living(after.state, 0)).toEqual(living(beside, 0));
    expect(answers(tickOf(tickOf(beside, [acts(0, go('north'))]).state, [acts(0, collect)]))).toEqual([
      'collected',
    ]);
  });
});
