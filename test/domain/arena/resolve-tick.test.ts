import { describe, expect, it } from 'vitest';
import { resolveTick } from '../../../domain/arena/resolve-tick.ts';
import {
  acts,
  answers,
  board,
  collect,
  defend,
  go,
  hit,
  leaves,
  pile,
  plainHash,
  tickOf,
  tile,
} from './world.ts';

describe('a tick', () => {
  it('resolves inputs in receipt sequence, each on what those before it left', () => {
    const state = board([{ at: tile(4, 5) }, { at: tile(6, 5) }], { nodes: [pile(5, 5, 60)] });
    expect(answers(tickOf(state, [acts(0, go('east')), acts(1, go('west'))]))).toEqual(['moved', 'blocked']);
    expect(answers(tickOf(state, [acts(1, go('west')), acts(0, go('east'))]))).toEqual(['moved', 'blocked']);
  });

  it('judges rules at resolution only: a target that has just stepped away is out of range', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5) }]);
    expect(answers(tickOf(state, [acts(1, go('east')), hit(0, 1)]))).toEqual([
      'moved',
      'target_out_of_range',
    ]);
  });

  it('answers every input once, in order, with its seat and sequence', () => {
    const { results } = resolveTick(board([{}, {}]), [acts(1, defend, 40), acts(0, collect, 41)], plainHash);
    expect(results).toEqual([
      { seat: 1, sequence: 40, status: 'resolved', effect: { type: 'defended', seat: 1 } },
      { seat: 0, sequence: 41, status: 'rejected', code: 'nothing_to_collect' },
    ]);
  });

  it('allows one action per player: a second is a fault of the host, not a rule', () => {
    const state = board([{}, {}]);
    expect(() => tickOf(state, [acts(0, defend), acts(0, collect)])).toThrow('seat 0 acts twice');
    expect(() => tickOf(state, [acts(2, defend)])).toThrow('there is no seat 2');
    expect(() => resolveTick(state, [acts(0, defend, 5), leaves(1, 5)], plainHash)).toThrow(
      'does not follow',
    );
  });

  it('is the same whether the action was sealed or not', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5) }]);
    const unsealed = tickOf(state, [hit(0, 1)]);
    expect(tickOf(state, [{ ...hit(0, 1), sealed: true, actionKey: 'k1' }])).toEqual(unsealed);
  });

  it('without inputs counts time and touches nothing else', () => {
    const state = board([{}, {}]);
    const { state: next, events, results } = tickOf(state, []);
    expect(next).toEqual({ ...state, tick: 1 });
    expect(next.players).toBe(state.players);
    expect([events, results]).toEqual([[], []]);
  });

  it('leaves the state it was given as it was', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 1, resources: 9 }, {}]);
    const before = structuredClone(state);
    tickOf(state, [hit(0, 1), acts(2, defend)]);
    expect(state).toEqual(before);
  });
});
