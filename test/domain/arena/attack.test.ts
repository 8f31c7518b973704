import { describe, expect, it } from 'vitest';
import {
  acts,
  answers,
  board,
  defend,
  hit,
  living,
  luckyHash,
  plainHash,
  sha256,
  tickOf,
  tile,
} from './world.ts';

const middle = tile(5, 5);
const beside = tile(6, 6);

describe('attack', () => {
  it('takes 20 hp plus the weapon bonus and scores a point for each', () => {
    const { state } = tickOf(board([{ at: middle, weaponBonus: 7 }, { at: beside }]), [hit(0, 1)]);
    expect([living(state, 1).hp, living(state, 0).score]).toEqual([73, 27]);
  });

  it('doubles the total, bonus included, on a critical hit', () => {
    const after = tickOf(board([{ at: middle, weaponBonus: 7 }, { at: beside }]), [hit(0, 1)], luckyHash);
    expect(living(after.state, 1).hp).toBe(100 - 2 * 27);
    expect(after.events).toEqual([{ type: 'attacked', seat: 0, targetSeat: 1, damage: 54, critical: true }]);
  });

  it('draws once per valid attack from its own seat’s stream; rejected ones draw nothing', () => {
    let state = board([{ at: middle }, { at: beside }, { at: tile(0, 9) }]);
    const labels: string[] = [];
    const spy: typeof sha256 = (bytes) => {
      labels.push(Buffer.from(bytes).toString('latin1').slice(32));
      return plainHash(bytes);
    };
    state = tickOf(state, [hit(0, 2), hit(1, 0)], spy).state;
    state = tickOf(state, [hit(0, 1), hit(1, 0)], spy).state;
    expect(labels).toEqual(['crit/1\0\0\0\0', 'crit/0\0\0\0\0', 'crit/1\0\0\0\x01']);
    expect(state.players.map(({ attackCount }) => attackCount)).toEqual([1, 2, 0]);
  });

  it('is critical one time in ten', () => {
    let state = board([{ at: middle }, { at: beside, hp: 1_000_000 }], {}, { maxTicks: 3_000 });
    let criticalCount = 0;
    for (let i = 0; i < 2_000; i++) {
      const { state: next, events } = tickOf(state, [hit(0, 1)], sha256);
      criticalCount += events.filter((event) => event.type === 'attacked' && event.critical).length;
      state = next;
    }
    // five standard deviations (13.4 each) around 200
    expect(Math.abs(criticalCount - 200)).toBeLessThan(67);
  });

  it('reaches all eight neighbours and nothing further', () => {
    for (let x = 3; x <= 7; x++) {
      for (let y = 3; y <= 7; y++) {
        if (x === 5 && y === 5) continue;
        const near = Math.max(Math.abs(x - 5), Math.abs(y - 5)) === 1;
        const state = board([{ at: middle }, { at: tile(x, y) }]);
        expect(answers(tickOf(state, [hit(0, 1)]))).toEqual([near ? 'attacked' : 'target_out_of_range']);
      }
    }
  });

  it('never takes more hp than there is, and scores only what it took', () => {
    const { state } = tickOf(board([{ at: middle }, { at: beside, hp: 3 }]), [hit(0, 1)]);
    // 3 for the hp, 100 for the elimination, 25 for being alive at the end
    expect(state.players[0]!.score).toBe(128);
    expect(state.players[1]!.hp).toBe(0);
  });

  it('is reduced by the target’s shield, to nothing at worst', () => {
    const shielded = (weaponBonus: number, hash = plainHash) =>
      living(
        tickOf(board([{ at: middle, weaponBonus }, { at: beside }]), [acts(1, defend), hit(0, 1)], hash)
          .state,
        1,
      ).hp;
    expect(shielded(0)).toBe(100);
    expect(shielded(5)).toBe(95);
    // the shield is taken from the doubled total: 2 · 25 − 20
    expect(shielded(5, luckyHash)).toBe(70);
  });

  describe('is rejected for the first reason that applies, and costs nothing', () => {
    const unreachable = { reach: { attackReachTiles: 2 } };
    it.each([
      ['target_self', board([{ at: middle }, {}]), 'p0'],
      ['target_not_found', board([{ at: middle }, {}]), 'nobody'],
      ['target_dead', board([{ at: middle }, { fallen: true }, {}]), 'p1'],
      // two tiles away behind the wall (1,1): distance is asked before sight
      ['target_out_of_range', board([{ at: tile(0, 1) }, { at: tile(3, 1) }]), 'p1'],
      [
        'no_line_of_sight',
        board([{ at: tile(1, 0) }, { at: tile(1, 3) }], {}, { attackReachTiles: 3 }),
        'p1',
      ],
      ['target_out_of_range', board([{ at: tile(1, 0) }, { at: tile(1, 3) }], {}, unreachable.reach), 'p1'],
    ])('%s', (code, state, targetId) => {
      const after = tickOf(state, [acts(0, { type: 'attack', targetId })]);
      expect(answers(after)).toEqual([code]);
      expect(after.state.players).toEqual(state.players);
      expect(after.events).toEqual([]);
    });
  });

  it('sees past corners: a wall never hides a diagonal neighbour', () => {
    const acrossTheWall = board([{ at: tile(0, 1) }, { at: tile(1, 0) }]);
    expect(answers(tickOf(acrossTheWall, [hit(0, 1)]))).toEqual(['attacked']);
  });
});
