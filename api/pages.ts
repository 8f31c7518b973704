import type { Services } from './deps.ts';

export const pageCountDefault = 50;

/** Where a page starts and how long it is. The list's name binds a cursor to the list and filters it was made for. */
export async function readPage(
  { cursors }: Pick<Services, 'cursors'>,
  list: string,
  query: { cursor?: string | undefined; limit?: number | undefined },
): Promise<{ after: string[] | undefined; limit: number }> {
  const after = query.cursor === undefined ? undefined : await cursors.decode(list, query.cursor);
  return { after, limit: query.limit ?? pageCountDefault };
}

/** A full page may have a next one; what the last row's position is, its list knows. */
export async function pageOfRows<Row, View>(
  { cursors }: Pick<Services, 'cursors'>,
  list: string,
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => View,
  positionOf: (row: Row) => readonly string[],
): Promise<{ items: View[]; nextCursor: string | null }> {
  const last = rows.at(-1);
  const nextCursor =
    last !== undefined && rows.length === limit ? await cursors.encode(list, positionOf(last)) : null;
  return { items: rows.map(view), nextCursor };
}

/** The name of a list with its filters: a cursor of one set of filters is none of another's. */
export const listName = (name: string, filters: Readonly<Record<string, unknown>>): string =>
  `${name} ${JSON.stringify(filters)}`;
