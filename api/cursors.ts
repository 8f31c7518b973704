import { createHmac, timingSafeEqual } from 'node:crypto';
import { LootError } from '../domain/errors.ts';

/** Where a list goes on. Signed, so that nobody can aim it at another list or at rows of their choosing. */
export type CursorSigner = {
  encode(list: string, position: readonly string[]): Promise<string>;
  /** Throws `bad_cursor`. */
  decode(list: string, cursor: string): Promise<string[]>;
};

const signatureBytes = 16;

export function createCursorSigner(readSecret: () => Promise<Uint8Array>): CursorSigner {
  const sign = async (list: string, position: Uint8Array) =>
    createHmac('sha256', await readSecret())
      .update(list)
      .update('\0')
      .update(position)
      .digest()
      .subarray(0, signatureBytes);
  return {
    async encode(list, position) {
      const bytes = Buffer.from(JSON.stringify(position));
      return Buffer.concat([await sign(list, bytes), bytes]).toString('base64url');
    },
    async decode(list, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const position = bytes.subarray(signatureBytes);
      const signed =
        bytes.toString('base64url') === cursor &&
        bytes.length > signatureBytes &&
        timingSafeEqual(bytes.subarray(0, signatureBytes), await sign(list, position));
      if (!signed)
        throw new LootError(
          'bad_cursor',
          'Use nextCursor of the previous page as it is, with the same filters.',
        );
      return JSON.parse(position.toString()) as string[];
    },
  };
}
