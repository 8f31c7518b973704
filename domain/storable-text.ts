/**
 * Text of others (an error's message, a header) as tables take it: PostgreSQL's text and jsonb have no zero character, and
 * a cut must not leave half of a surrogate pair, which neither jsonb nor canonical JSON knows.
 */
export const storableText = (text: string, charsMax: number): string =>
  text.replaceAll('\0', '').slice(0, charsMax).toWellFormed();
