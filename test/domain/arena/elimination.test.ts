import { describe, expect, it } from 'vitest';
import { acts, answers, board, collect, defend, hit, leaves, living, pile, tickOf, tile } from './world.ts';

const bystander = { at: tile(0, 9) };

describe('elimination', () => {
  it('drops half of the resources rounded down on the tile; the rest stays with the fallen', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 20, resources: 81 }, bystander]);
    const after = tickOf(state, [hit(0, 1)]);
    expect(after.state.drops).toEqual([pile(6, 5, 40)]);
    expect(after.state.players[1]).toMatchObject({ alive: false, hp: 0, shield: 0, at: null, resources: 41 });
    expect(after.events).toEqual([
      { type: 'attacked', seat: 0, targetSeat: 1, damage: 20, critical: false },
      { type: 'eliminated', seat: 1, by: 0, at: tile(6, 5), dropped: 40 },
    ]);
  });

  it('gives 100 points on top of the hp taken', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 20 }, bystander]);
    expect(living(tickOf(state, [hit(0, 1)]).state, 0).score).toBe(120);
  });

  it('makes no drop of nothing', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 20, resources: 1 }, bystander]);
    const after = tickOf(state, [hit(0, 1)]).state;
    expect(after.drops).toEqual([]);
    expect(after.players[1]!.resources).toBe(1);
  });

  it('merges drops on one tile', () => {
    const drops = { drops: [pile(6, 5, 10), pile(0, 0, 3)] };
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 20, resources: 40 }, bystander], drops);
    expect(tickOf(state, [hit(0, 1)]).state.drops).toEqual([pile(0, 0, 3), pile(6, 5, 30)]);
  });

  it('rejects what the dead still had in the same tick', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), hp: 20 }, bystander]);
    expect(answers(tickOf(state, [hit(0, 1), hit(1, 0)]))).toEqual(['attacked', 'player_dead']);
    expect(answers(tickOf(state, [hit(0, 1), leaves(1)]))).toEqual(['attacked', 'player_dead']);
  });
});

describe('leave', () => {
  const three = () => board([{ at: tile(5, 5) }, { at: tile(6, 5), resources: 9, hp: 60 }, bystander]);

  it('is death at once: hp 0, half dropped, nobody credited', () => {
    const after = tickOf(three(), [leaves(1)]);
    expect(after.state.players[1]).toMatchObject({ alive: false, hp: 0, at: null, resources: 5, score: 0 });
    expect(after.state.drops).toEqual([pile(6, 5, 4)]);
    expect(after.state.players.map(({ score }) => score)).toEqual([0, 0, 0]);
    expect(after.events).toEqual([
      { type: 'left', seat: 1 },
      { type: 'eliminated', seat: 1, by: null, at: tile(6, 5), dropped: 4 },
    ]);
  });

  it('is not the tick’s action: a player may act and leave in one tick', () => {
    const after = tickOf(three(), [hit(1, 0), leaves(1)]);
    expect(answers(after)).toEqual(['attacked', 'left']);
    expect(living(after.state, 0).hp).toBe(80);
  });

  it('ends the player’s turn: an action received after it finds them dead', () => {
    expect(answers(tickOf(three(), [leaves(1), acts(1, defend)]))).toEqual(['left', 'player_dead']);
  });

  it('leaves a drop that another can take in the same tick', () => {
    const state = board([{ at: tile(5, 5) }, { at: tile(6, 5), resources: 9 }, { at: tile(7, 5) }]);
    const inputs = [leaves(1), acts(2, { type: 'move', direction: 'west' })];
    const next = tickOf(tickOf(state, inputs).state, [acts(2, collect)]);
    expect(living(next.state, 2).resources).toBe(4);
  });
});
