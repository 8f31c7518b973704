import { LootError } from '../domain/errors.ts';

export const etagOf = (version: number): string => `"${version}"`;

/** The version a caller has seen. Throws `precondition_required`; a tag that is none of ours matches nothing. */
export function readIfMatch(header: string | undefined): number {
  if (header === undefined)
    throw new LootError('precondition_required', 'Send If-Match with the ETag you have seen.');
  const match = /^"([1-9][0-9]{0,8})"$/.exec(header.trim());
  if (!match) throw new LootError('precondition_failed', 'If-Match names no version of this resource.');
  return Number(match[1]);
}
