import { describe, expect, it } from 'vitest';
import { acts, board, defend, hit, living, tickOf, tile } from './world.ts';

const facing = () =>
  board([{ at: tile(5, 5), weaponBonus: 10 }, { at: tile(6, 5) }, { at: tile(6, 4), weaponBonus: 10 }]);

describe('defend', () => {
  it('protects from what is received after it in the same tick, not before', () => {
    expect(living(tickOf(facing(), [acts(1, defend), hit(0, 1)]).state, 1).hp).toBe(90);
    expect(living(tickOf(facing(), [hit(0, 1), acts(1, defend)]).state, 1).hp).toBe(70);
  });

  it('reduces every hit of the tick; none uses it up', () => {
    expect(living(tickOf(facing(), [acts(1, defend), hit(0, 1), hit(2, 1)]).state, 1).hp).toBe(80);
  });

  it('ends when the next tick begins, also a tick without inputs', () => {
    const shielded = tickOf(facing(), [acts(1, defend)]).state;
    expect(living(shielded, 1).shield).toBe(20);
    expect(living(tickOf(shielded, []).state, 1).shield).toBe(0);
    expect(living(tickOf(shielded, [hit(0, 1)]).state, 1).hp).toBe(70);
  });

  it('does not stack over ticks', () => {
    const once = tickOf(facing(), [acts(1, defend)]).state;
    expect(living(tickOf(once, [acts(1, defend)]).state, 1).shield).toBe(20);
  });
});
