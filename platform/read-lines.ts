/** A line of a text, counted from 1. `unreadable`: it is too long or not UTF-8, and was not kept. */
export type TextLine = { number: number; text: string } | { number: number; unreadable: string };

const newline = 0x0a;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Splits bytes into lines without ever holding more than one line and one chunk; empty lines count. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  { lineBytesMax }: { lineBytesMax: number },
): AsyncGenerator<TextLine> {
  let parts: Uint8Array[] = [];
  let byteCount = 0;
  let number = 0;

  const take = (part: Uint8Array) => {
    byteCount += part.byteLength;
    // of a line that is too long only the length matters
    if (byteCount <= lineBytesMax) parts.push(part);
    else parts = [];
  };
  const finish = (): TextLine => {
    number += 1;
    const isTooLong = byteCount > lineBytesMax;
    const bytes = Buffer.concat(parts);
    parts = [];
    byteCount = 0;
    if (isTooLong) return { number, unreadable: `is longer than ${lineBytesMax} bytes` };
    try {
      return { number, text: decoder.decode(bytes) };
    } catch {
      return { number, unreadable: 'is not UTF-8' };
    }
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, at));
      yield finish();
      from = at + 1;
    }
    // a copy: the stream may use its buffer again
    if (from < chunk.byteLength) take(chunk.slice(from));
  }
  if (byteCount > 0) yield finish();
}
