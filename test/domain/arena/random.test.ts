import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawBelow, seedHash } from '../../../domain/arena/random.ts';
import { SEED, sha256 } from './world.ts';

describe('random streams', () => {
  it('give the same draw for the same seed, label and counter, and another for any other', () => {
    const draw = (seed: string, label: string, counter: number) =>
      drawBelow(seed, label, counter, 2 ** 32, sha256);
    expect(draw(SEED, 'node/0', 0)).toBe(draw(SEED, 'node/0', 0));
    const others = [
      draw(SEED, 'node/0', 0),
      draw(SEED, 'node/1', 0),
      draw(SEED, 'node/0', 1),
      draw('b2'.repeat(32), 'node/0', 0),
    ];
    expect(new Set(others).size).toBe(4);
  });

  it('hash exactly seed ‖ label ‖ counter', () => {
    const seen: string[] = [];
    drawBelow(SEED, 'crit/3', 258, 10, (bytes) => {
      seen.push(Buffer.from(bytes).toString('hex'));
      return new Uint8Array(32);
    });
    expect(seen).toEqual([`${SEED}${Buffer.from('crit/3').toString('hex')}00000102`]);
  });

  it('stay below the bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (bound, counter) => {
        const drawn = drawBelow(SEED, 'any', counter, bound, sha256);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('reject the words that would favour small values, and rehash when all eight are such', () => {
    // 2^32 mod 10 = 6: the last six words are refused, the one before them is a 9
    const words = (...values: number[]) => {
      const view = new DataView(new ArrayBuffer(32));
      for (let i = 0; i < 8; i++) view.setUint32(4 * i, values[i] ?? values.at(-1)!);
      return new Uint8Array(view.buffer);
    };
    expect(drawBelow(SEED, 'x', 0, 10, () => words(0xffff_fffa, 0xffff_ffff, 0xffff_fff9, 3))).toBe(9);
    const exhausted = words(0xffff_ffff);
    const hashed: Uint8Array[] = [];
    const twice = (bytes: Uint8Array) => (hashed.push(bytes) === 1 ? exhausted : words(7));
    expect(drawBelow(SEED, 'x', 0, 10, twice)).toBe(7);
    expect(hashed[1]).toBe(exhausted);
  });

  it('are even: every value of a small bound turns up about equally often', () => {
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 5_000; i++) counts[drawBelow(SEED, 'crit/0', i, 10, sha256)]!++;
    // five standard deviations (21 each) around 500
    expect(counts.filter((count) => count < 394 || count > 606)).toEqual([]);
  });

  it('refuse a bound, counter or seed that no stream has', () => {
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1])
      expect(() => drawBelow(SEED, 'x', 0, bound, sha256)).toThrow(RangeError);
    for (const counter of [-1, 0.5, 2 ** 32])
      expect(() => drawBelow(SEED, 'x', counter, 2, sha256)).toThrow(RangeError);
    for (const seed of ['', 'A1'.repeat(32), 'a1'.repeat(31)])
      expect(() => drawBelow(seed, 'x', 0, 2, sha256)).toThrow(RangeError);
  });

  it('are committed to by the SHA-256 of the seed’s bytes', () => {
    expect(seedHash('00'.repeat(32), sha256)).toBe(
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
    );
  });
});
