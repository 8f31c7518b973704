import type pg from 'pg';
import type { Db, Queryable } from '../../../store/db.ts';

export type Alteration = {
  /** Another statement in place of each, to show what goes wrong without a part of it. */
  alter?(text: string): string;
  /** Awaited before and after a statement: where two transactions are to meet. */
  before?(text: string): Promise<void>;
  after?(text: string): Promise<void>;
};

/** The same database, seen through statements that are altered or held up. */
export function alteredDb(db: Db, alteration: Alteration): Db {
  const through = (on: Queryable): Queryable['query'] =>
    async function query<Row extends pg.QueryResultRow>(
      statement: string | pg.QueryConfig,
      values?: unknown[],
    ) {
      const text = typeof statement === 'string' ? statement : statement.text;
      const altered = alteration.alter?.(text) ?? text;
      await alteration.before?.(text);
      const result =
        typeof statement === 'string' || altered !== text
          ? await on.query<Row>(altered, typeof statement === 'string' ? values : statement.values)
          : await on.query<Row>(statement);
      await alteration.after?.(text);
      return result;
    };
  return {
    ...db,
    query: through(db),
    transaction: (work) => db.transaction((tx) => work({ ...tx, query: through(tx) })),
  };
}
