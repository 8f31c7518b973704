import pg from 'pg';
import { afterAll } from 'vitest';

/** Somebody with all rights on a test's database, whom neither roles nor triggers hold back. Amounts are bigint as in a Db. */
export type Owner = pg.Client & {
  /** Does the deed past all triggers, looks, and takes it back. */
  tampering(sql: string | readonly string[], look: () => Promise<void>): Promise<void>;
};

export async function openOwner(url: string): Promise<Owner> {
  const int8Oid: number = pg.types.builtins.INT8;
  const parser: (oid: number, format?: 'text' | 'binary') => unknown = pg.types.getTypeParser;
  const client = new pg.Client({
    connectionString: url,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8Oid && format !== 'binary' ? BigInt : parser(oid, format),
    },
  });
  await client.connect();
  afterAll(() => client.end());
  return Object.assign(client, {
    async tampering(sql: string | readonly string[], look: () => Promise<void>) {
      await client.query('BEGIN');
      try {
        await client.query('SET LOCAL session_replication_role = replica');
        for (const statement of [sql].flat()) await client.query(statement);
        await look();
      } finally {
        await client.query('ROLLBACK');
      }
    },
  });
}
