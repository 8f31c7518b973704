import { describe, expect, it } from 'vitest';
import { acts, answers, board, defend, hit, leaves, outcomesOf, tickOf, tile } from './world.ts';

const lastTick = { maxTicks: 1 };

describe('the end', () => {
  it('does not come while two live and time is left', () => {
    expect(tickOf(board([{}, {}]), []).state.phase).toEqual({ status: 'active' });
  });

  it('comes with the last one alive, who wins whatever the scores', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 1, score: 900 }]);
    expect(outcomesOf(tickOf(state, [hit(0, 1)]).state)).toEqual(['winner', 'eliminated']);
  });

  it('is won by the last one alive also in the last tick', () => {
    const state = board([{}, { score: 900 }, { fallen: true, score: 900 }], {}, lastTick);
    expect(outcomesOf(tickOf(state, [leaves(1)]).state)).toEqual(['winner', 'eliminated', 'eliminated']);
  });

  it('is checked after the whole tick: what was received later still counts', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 1 }], {
      nodes: [{ at: tile(5, 5), resources: 70 }],
    });
    const after = tickOf(state, [hit(0, 1), leaves(0)]);
    expect(answers(after)).toEqual(['attacked', 'left']);
    // both died in this tick: 101 points against 0
    expect(outcomesOf(after.state)).toEqual(['winner', 'eliminated']);
  });

  it('comes at the limit: the highest score among the living wins, the others survive', () => {
    const state = board(
      [{ score: 10 }, { score: 30 }, { score: 20 }, { fallen: true, score: 99 }],
      {},
      lastTick,
    );
    expect(outcomesOf(tickOf(state, []).state)).toEqual(['survivor', 'winner', 'survivor', 'eliminated']);
  });

  it('is decided by hp when scores are equal', () => {
    const state = board([{ score: 10, hp: 50 }, { score: 10, hp: 51 }, { hp: 100 }], {}, lastTick);
    expect(outcomesOf(tickOf(state, []).state)).toEqual(['survivor', 'winner', 'survivor']);
  });

  it('is a draw when hp is equal too: all in it win, other living players survive', () => {
    const state = board([{ score: 10 }, { score: 10 }, { score: 9 }, { fallen: true }], {}, lastTick);
    expect(outcomesOf(tickOf(state, []).state)).toEqual(['winner', 'winner', 'survivor', 'eliminated']);
  });

  it('adds 25 for being alive before ranking, and not to the dead', () => {
    const after = tickOf(board([{ score: 10 }, {}, { score: 34 }], {}, lastTick), [leaves(2)]).state;
    expect(after.players.map(({ score }) => score)).toEqual([35, 25, 34]);
    expect(outcomesOf(after)).toEqual(['winner', 'survivor', 'eliminated']);
  });

  it('with none alive ranks those who died in that tick, and no one earlier', () => {
    const state = board([{ score: 10 }, { score: 20 }, { fallen: true, score: 900 }]);
    expect(outcomesOf(tickOf(state, [leaves(0), leaves(1)]).state)).toEqual([
      'eliminated',
      'winner',
      'eliminated',
    ]);
  });

  it('is a draw when all leave in one tick with equal scores; a dead winner keeps what was not dropped', () => {
    const after = tickOf(board([{ resources: 11 }, { resources: 4 }]), [leaves(0), leaves(1)]).state;
    expect(outcomesOf(after)).toEqual(['winner', 'winner']);
    expect(after.phase).toMatchObject({
      outcomes: [
        { resources: 6, score: 0 },
        { resources: 2, score: 0 },
      ],
    });
  });

  it('is told once, with score and resources of every seat', () => {
    const after = tickOf(board([{ resources: 80 }, { resources: 7 }]), [leaves(1)]);
    expect(after.events.at(-1)).toEqual({
      type: 'finished',
      outcomes: [
        { seat: 0, playerId: 'p0', outcome: 'winner', score: 25, resources: 80 },
        { seat: 1, playerId: 'p1', outcome: 'eliminated', score: 0, resources: 4 },
      ],
    });
  });

  it('is final: later inputs are answered match_not_active and change nothing', () => {
    const over = tickOf(board([{}, {}]), [leaves(1)]).state;
    const after = tickOf(over, [acts(0, defend), leaves(0)]);
    expect(answers(after)).toEqual(['match_not_active', 'match_not_active']);
    expect(after.state).toBe(over);
    expect(after.events).toEqual([]);
  });
});
