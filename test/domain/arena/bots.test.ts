import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { botDraw, bots, type BotStyle } from '../../../domain/arena/bots.ts';
import { directions } from '../../../domain/arena/grid.ts';
import { publicState } from '../../../domain/arena/view.ts';
import { board, botMatch, leaves, pile, SEED, sha256, tickOf, tile } from './world.ts';

const style = fc.constantFrom(...(Object.keys(bots) as BotStyle[]));
const seed = fc.stringMatching(/^[0-9a-f]{64}$/);
const decide = (name: BotStyle, state: Parameters<(typeof bots)[BotStyle]>[0], seat = 0) =>
  bots[name](state, seat, botDraw(SEED, seat, state.tick, sha256));

describe('bots', () => {
  it('play any match to its end with well-formed actions, none of them hopeless', () => {
    fc.assert(
      fc.property(seed, fc.array(style, { minLength: 2, maxLength: 6 }), (matchSeed, styles) => {
        const { final, ticks } = botMatch(matchSeed, styles);
        expect(final.phase.status).toBe('finished');
        for (const { inputs, results } of ticks) {
          for (const input of inputs) {
            if (input.kind === 'leave') throw new Error('bots never give up');
            if (input.action.type === 'move') expect(directions).toContain(input.action.direction);
            if (input.action.type === 'attack') expect(input.action.targetId).toMatch(/^p[0-5]$/);
          }
          const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.code] : []));
          expect(codes.filter((code) => code === 'target_self' || code === 'target_not_found')).toEqual([]);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('decide from what a client sees and from their own stream alone', () => {
    const { states } = botMatch(SEED, ['collector', 'hunter', 'turtle']);
    for (const state of states) {
      for (const name of Object.keys(bots) as BotStyle[]) {
        expect(decide(name, publicState(state), 1)).toEqual(decide(name, state, 1));
      }
    }
  });

  it('wait when dead and when the match is over', () => {
    const over = tickOf(board([{}, {}]), [leaves(1)]).state;
    for (const name of Object.keys(bots) as BotStyle[])
      expect([decide(name, over, 0), decide(name, over, 1)]).toEqual([null, null]);
  });

  it('have their styles: the collector gathers, the hunter closes in and strikes, the turtle guards', () => {
    const rich = board([{ at: tile(5, 5) }, { at: tile(5, 9) }], { nodes: [pile(5, 3, 60)] });
    expect(decide('collector', rich)).toEqual({ type: 'move', direction: 'north' });
    expect(decide('hunter', rich)).toEqual({ type: 'move', direction: 'south' });
    const close = board([{ at: tile(5, 5) }, { at: tile(6, 6), hp: 50 }, { at: tile(4, 4), hp: 40 }]);
    expect(decide('hunter', close)).toEqual({ type: 'attack', targetId: 'p2' });
    const guarded = Array.from({ length: 20 }, (_, tick) => decide('turtle', { ...close, tick })?.type);
    expect(new Set(guarded)).toEqual(new Set(['defend', 'attack']));
  });
});
