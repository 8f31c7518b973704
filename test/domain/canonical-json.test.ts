import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CANONICAL_DEPTH_MAX,
  canonicalBytes,
  canonicalJson,
  isNestedTooDeeply,
} from '../../domain/canonical-json.ts';

describe('canonical JSON (RFC 8785)', () => {
  it('sorts members by UTF-16 code units, at every depth', () => {
    // the standard's own example: U+1F600 (a surrogate pair) sorts before U+FB33
    const sample = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalJson(sample)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
    expect(canonicalJson([{ b: { d: 1, c: 2 }, a: [] }])).toBe('[{"a":[],"b":{"c":2,"d":1}}]');
  });

  it('writes scalars without a second spelling', () => {
    expect(canonicalJson([0, -0, -7, 1e21, 0.5, true, false, null, 'a"\\\n\u0007/'])).toBe(
      '[0,0,-7,1e+21,0.5,true,false,null,"a\\"\\\\\\n\\u0007/"]',
    );
  });

  it('gives the same text whatever the order of members, and text that reads back as the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
      { numRuns: 100 },
    );
  });

  it('hashes UTF-8', () => {
    expect([...canonicalBytes('ö')]).toEqual([0x22, 0xc3, 0xb6, 0x22]);
  });

  it('refuses a lone surrogate, in values and names, as the caller’s error', () => {
    expect(() => canonicalJson('\ud800')).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    expect(() => canonicalJson({ '\udc00': 1 })).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
  });

  it('refuses nesting that would exhaust the stack, as the caller’s error', () => {
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    expect(canonicalJson(nested(CANONICAL_DEPTH_MAX))).toHaveLength(2 * CANONICAL_DEPTH_MAX);
    expect(isNestedTooDeeply(nested(CANONICAL_DEPTH_MAX))).toBe(false);
    expect(isNestedTooDeeply({ a: nested(CANONICAL_DEPTH_MAX) })).toBe(true);
    expect(isNestedTooDeeply(nested(30_000))).toBe(true);
    expect(() => canonicalJson(nested(30_000))).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
  });

  it.each([[undefined], [1n], [Number.NaN], [Infinity], [{ a: undefined }], [() => 1]])(
    'refuses what is not JSON: %s',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});
