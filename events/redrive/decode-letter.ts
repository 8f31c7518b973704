import type { DeadLetter } from '../../store/dead-letters/types.ts';
import type { Codec } from '../codec/codec.ts';
import { DeadEvent } from '../consumer/failures.ts';
import { headersFromJson } from '../codec/header-json.ts';
import { toStructured } from '../codec/structured.ts';
import type { StructuredEvent } from '../codec/structured.ts';

export type DecodedLetter =
  | { decoded: StructuredEvent; decodeError: null }
  | { decoded: null; decodeError: string };

/** The event as far as it can be read: many a letter is one because it cannot. Without a codec nothing can. */
export async function decodeLetter(codec: Codec | undefined, letter: DeadLetter): Promise<DecodedLetter> {
  if (codec === undefined) return { decoded: null, decodeError: 'this process has no schemas' };
  try {
    const record = { ...letter, headers: headersFromJson(letter.headers) };
    return { decoded: await toStructured(codec, record), decodeError: null };
  } catch (error) {
    if (!(error instanceof DeadEvent)) throw error;
    return { decoded: null, decodeError: error.message };
  }
}
