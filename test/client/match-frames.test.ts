import { describe, expect, it } from 'vitest';
import { emptyView, takeFrame } from '../../client/match-frames.ts';
import { shortMatch } from '../../domain/arena/config.ts';
import type { PublicState, ServerMessage } from '../../domain/arena/protocol.ts';

const state: PublicState = {
  config: shortMatch,
  tick: 0,
  phase: { status: 'active' },
  players: [
    {
      seat: 0,
      playerId: 'p0',
      weaponBonus: 0,
      score: 0,
      resources: 0,
      attackCount: 0,
      alive: true,
      hp: 100,
      shield: 0,
      at: { x: 0, y: 0 },
    },
  ],
  nodes: [],
  drops: [],
};
const welcome: ServerMessage = {
  kind: 'welcome',
  seq: 1,
  matchId: 'm',
  seat: 0,
  seedHash: '',
  map: { sizeTiles: 10, walls: [] },
  state,
  resumeToken: 'first',
};
const tick = (seq: number, hp: number): ServerMessage => ({
  kind: 'tick',
  seq,
  tick: seq,
  inputs: [],
  changes: { tick: seq, players: [{ seat: 0, hp }] },
});

describe('frames of one receiver', () => {
  it('rebuild the board from the first state and the changes since', () => {
    const { view } = takeFrame(takeFrame(emptyView, welcome).view, tick(2, 60));
    expect(view.state?.players[0]).toMatchObject({ hp: 60, at: { x: 0, y: 0 } });
    expect(view).toMatchObject({ lastSeq: 2, seat: 0, resumeToken: 'first' });
  });

  it('are applied once, also when a resume sends them again', () => {
    const { view } = takeFrame(takeFrame(emptyView, welcome).view, tick(2, 60));
    expect(takeFrame(view, tick(2, 10))).toEqual({ verdict: 'duplicate', view });
  });

  it('with a number missing are not applied', () => {
    const { view } = takeFrame(emptyView, welcome);
    expect(takeFrame(view, tick(3, 10))).toEqual({ verdict: 'gap', view });
  });

  it('begin a new count with the state a new host sends', () => {
    const { view } = takeFrame(takeFrame(emptyView, welcome).view, tick(2, 60));
    const moved = takeFrame(view, {
      kind: 'state',
      seq: 1,
      state: { ...state, tick: 9 },
      resumeToken: 'second',
    });
    expect(moved).toMatchObject({
      verdict: 'applied',
      view: { lastSeq: 1, seat: 0, resumeToken: 'second', state: { tick: 9 } },
    });
    expect(takeFrame(moved.view, tick(2, 5)).verdict).toBe('applied');
  });
});
