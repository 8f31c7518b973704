import type { Sha256 } from './arena/types.ts';
import { canonicalBytes } from './canonical-json.ts';

/**
 * The id of something that a retry must meet again: UUIDv8 (RFC 9562) of the SHA-256 of its parts, so that a crash or a
 * repeated request arrives at the same rows. The parts are hashed as one JSON array: `('a', 'bc')` is not `('ab', 'c')`.
 */
export function derivedId(hash: Sha256, ...parts: readonly (string | number)[]): string {
  const bytes = hash(canonicalBytes(parts)).slice(0, 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x80);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
