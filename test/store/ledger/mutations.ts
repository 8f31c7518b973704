import pg from 'pg';
import type { Db, Queryable } from '../../../store/db.ts';

/** One safeguard taken away, in the schema or in `post_journals`. */
export type Mutation = { name: string; sql?: readonly string[]; posting?: readonly Patch[] };

/** A piece of a source and what stands in its place; a piece that is not there is an error, or nothing would be tested. */
export type Patch = readonly [piece: RegExp, replacement: string];

export function patched(source: string, patches: readonly Patch[]): string {
  return patches.reduce((text, [piece, replacement]) => {
    const count = text.match(new RegExp(piece, 'g'))?.length ?? 0;
    if (count !== 1)
      throw new Error(`${piece} was found ${count} times, not once: say anew what to take away`);
    return text.replace(piece, replacement);
  }, source);
}

/** Changes a database for good, as its owner; its `post_journals` is the one that stands there, with pieces replaced. */
export async function mutate(url: string, { sql = [], posting = [] }: Mutation): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  try {
    for (const statement of sql) await owner.query(statement);
    if (posting.length === 0) return;
    const { rows } = await owner.query<{ source: string }>(
      `SELECT pg_get_functiondef(oid) AS source FROM pg_proc WHERE proname = 'post_journals'`,
    );
    if (rows.length !== 1) throw new Error(`there are ${rows.length} functions post_journals`);
    await owner.query(patched(rows[0]!.source, posting));
  } finally {
    await owner.end();
  }
}

/** The same database through statements with pieces replaced: for safeguards that stand in a statement. */
export function withPatchedStatements(db: Db, patches: readonly Patch[]): { db: Db; usedCount(): number } {
  const used = new Set<Patch>();
  const wrap = (query: Queryable['query']): Queryable['query'] => {
    const patchedQuery: Queryable['query'] = (statement, values) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      const due = patches.filter((patch) => patch[0].test(text));
      if (due.length === 0) return query(statement, values);
      due.forEach((patch) => used.add(patch));
      // without its name: a prepared statement of that name has the unpatched text
      const given = typeof statement === 'string' ? values : statement.values;
      return query(patched(text, due), given as unknown[]);
    };
    return patchedQuery;
  };
  return {
    db: {
      ...db,
      query: wrap(db.query),
      transaction: (work) => db.transaction((tx) => work({ ...tx, query: wrap(tx.query) })),
    },
    usedCount: () => used.size,
  };
}
