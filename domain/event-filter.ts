/**
 * Which events somebody wants, said of their headers alone, so that nothing has to be decoded to know. Every member that is
 * given must hold; a type is exact (`market.trade.completed.v1`) or all that begin alike (`market.trade.*`).
 */
export type EventFilter = {
  types?: readonly string[];
  key?: string;
  subject?: string;
  /** Equality, header by header. */
  headers?: Readonly<Record<string, string>>;
};

export type FilteredEvent = {
  type: string | undefined;
  key: string | null;
  subject: string | null;
  header(name: string): string | undefined;
};

export function matchesFilter(filter: EventFilter, event: FilteredEvent): boolean {
  const { types, key, subject, headers = {} } = filter;
  return (
    (types === undefined || types.some((pattern) => matchesPattern(pattern, event.type ?? ''))) &&
    (key === undefined || key === event.key) &&
    (subject === undefined || subject === event.subject) &&
    Object.entries(headers).every(([name, value]) => event.header(name) === value)
  );
}

/** `*` stands for everything, and at the end of a pattern for every ending; nowhere else. */
export const matchesPattern = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
