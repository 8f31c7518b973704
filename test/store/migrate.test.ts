import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import { createDatabase } from '../../store/create-database.ts';
import { migrate, schemaDrift } from '../../store/migrate.ts';
import { databaseUrlFor, dropDatabase } from '../support/template.ts';

const { databaseUrl } = inject('servers');
const names: string[] = [];
const scratch = async () => {
  const name = `scratch_${randomUUID().replaceAll('-', '')}`;
  names.push(name);
  await createDatabase(databaseUrlFor(databaseUrl, name));
  return databaseUrlFor(databaseUrl, name);
};
afterAll(async () => {
  for (const name of names) await dropDatabase(databaseUrl, name);
});

test('the migrations build exactly the schema that Prisma describes', async () => {
  expect(await schemaDrift(await scratch())).toBe('');
});

test('a column that only the database knows is drift', async () => {
  const url = await scratch();
  // The engine replays the migrations into this database; an event trigger adds a column behind their back.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    CREATE FUNCTION sneak() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
      IF to_regclass('players') IS NOT NULL THEN ALTER TABLE players ADD COLUMN IF NOT EXISTS sneaked int; END IF;
    END $$;
    CREATE EVENT TRIGGER sneak ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION sneak()`);
  await client.end();
  expect(await schemaDrift(url)).toContain('sneaked');
});

test('migrating twice applies nothing the second time', async () => {
  const url = await scratch();
  expect(await migrate(url)).not.toHaveLength(0);
  expect(await migrate(url)).toHaveLength(0);
});
