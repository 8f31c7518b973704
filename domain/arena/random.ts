import type { Sha256 } from './types.ts';

/** A seed is 32 bytes in lower-case hex. Its SHA-256 is published before the match, the seed itself after it. */
const seedPattern = /^[0-9a-f]{64}$/;
const SEED_BYTES = 32;
const WORD_RANGE = 2 ** 32;

const encoder = new TextEncoder();

/**
 * Draws an integer in [0, boundExclusive), the `counter`-th of the stream `label`: the same on every machine, and
 * unbiased. The hashed bytes are seed (32) ‖ label (UTF-8) ‖ counter (4, big-endian); fixed widths at both ends keep
 * different draws from ever meeting in the same bytes.
 *
 * Rejection sampling takes the first of the digest's eight words below the largest multiple of the bound; if all are
 * above it (for our bounds once in 10⁶⁰ draws) the digest is hashed again. One counter is thus always one draw.
 */
export function drawBelow(
  seed: string,
  label: string,
  counter: number,
  boundExclusive: number,
  hash: Sha256,
): number {
  if (!Number.isInteger(boundExclusive) || boundExclusive < 1 || boundExclusive > WORD_RANGE) {
    throw new RangeError(`a draw needs a bound from 1 to 2^32, got ${boundExclusive}`);
  }
  const limit = WORD_RANGE - (WORD_RANGE % boundExclusive);
  for (let digest = hash(preimage(seed, label, counter)); ; digest = hash(digest)) {
    const words = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    for (let offset = 0; offset < digest.byteLength; offset += 4) {
      const word = words.getUint32(offset);
      if (word < limit) return word % boundExclusive;
    }
  }
}

/** The commitment that is published when the match starts: SHA-256 of the seed's bytes, in hex. */
export const seedHash = (seed: string, hash: Sha256): string => toHex(hash(seedBytes(seed)));

export function toHex(bytes: Uint8Array): string {
  const digits = '0123456789abcdef';
  let hex = '';
  for (const byte of bytes) hex += digits.charAt(byte >> 4) + digits.charAt(byte & 15);
  return hex;
}

function preimage(seed: string, label: string, counter: number): Uint8Array {
  if (!Number.isInteger(counter) || counter < 0 || counter >= WORD_RANGE) {
    throw new RangeError(`a stream's counter is an unsigned 32-bit integer, got ${counter}`);
  }
  const name = encoder.encode(label);
  const bytes = new Uint8Array(SEED_BYTES + name.length + 4);
  bytes.set(seedBytes(seed));
  bytes.set(name, SEED_BYTES);
  new DataView(bytes.buffer).setUint32(SEED_BYTES + name.length, counter);
  return bytes;
}

function seedBytes(seed: string): Uint8Array {
  if (!seedPattern.test(seed)) throw new RangeError('a seed is 64 lower-case hexadecimal digits');
  return Uint8Array.from({ length: SEED_BYTES }, (_, i) => Number.parseInt(seed.slice(2 * i, 2 * i + 2), 16));
}
