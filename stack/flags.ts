/** `{ '--port': 1 }` → `['--port', '1']`. */
export const flagPairs = (flags: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(flags).flatMap(([name, value]) => [name, String(value)]);
