/** Castagnoli's polynomial, reversed: what Kafka's batches are checked with. */
const polynomial = 0x82f63b78;
const stride = 8;

/** Of each byte, and of each byte with up to seven behind it: eight bytes go in one step. */
const tables = makeTables();

function makeTables(): Int32Array {
  const made = new Int32Array(256 * stride);
  for (let byte = 0; byte < 256; byte += 1) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
    made[byte] = rest;
  }
  for (let n = 256; n < made.length; n += 1) {
    const before = made[n - 256] ?? 0;
    made[n] = (before >>> 8) ^ (made[before & 0xff] ?? 0);
  }
  return made;
}

export function crc32c(bytes: Buffer, start: number, end: number): number {
  const t = tables;
  let rest = -1;
  let at = start;
  for (; at + stride <= end; at += stride) {
    const low = rest ^ bytes.readInt32LE(at);
    const high = bytes.readInt32LE(at + 4);
    rest =
      (t[1_792 + (low & 0xff)] ?? 0) ^
      (t[1_536 + ((low >>> 8) & 0xff)] ?? 0) ^
      (t[1_280 + ((low >>> 16) & 0xff)] ?? 0) ^
      (t[1_024 + (low >>> 24)] ?? 0) ^
      (t[768 + (high & 0xff)] ?? 0) ^
      (t[512 + ((high >>> 8) & 0xff)] ?? 0) ^
      (t[256 + ((high >>> 16) & 0xff)] ?? 0) ^
      (t[high >>> 24] ?? 0);
  }
  for (; at < end; at += 1) rest = (rest >>> 8) ^ (t[(rest ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~rest >>> 0;
}
