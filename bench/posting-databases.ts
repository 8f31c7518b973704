import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createDatabase } from '../store/create-database.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';

export type Database = { name: string; url: string; db: Db };

/** Every contestant gets tables of its own, fresh and of one size; all on one server. */
export type Databases = { open(): Promise<Database>; closeAll(): Promise<void>; drop(): Promise<void> };

export async function createDatabases(serverUrl: string, connectionCountMax: number): Promise<Databases> {
  const template = `bench_template_${randomUUID().replaceAll('-', '')}`;
  const templateUrl = urlOf(serverUrl, template);
  await createDatabase(templateUrl);
  await migrate(templateUrl);
  const opened: Database[] = [];
  return {
    async open() {
      const name = `bench_${randomUUID().replaceAll('-', '')}`;
      await administer(serverUrl, `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
      const url = urlOf(serverUrl, name);
      const database = { name, url, db: openDb({ url, connectionCountMax }) };
      opened.push(database);
      return database;
    },
    async closeAll() {
      for (const { db, name } of opened.splice(0)) {
        await db.close();
        await dropDatabase(serverUrl, name);
      }
    },
    drop: () => dropDatabase(serverUrl, template),
  };
}

function urlOf(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

const dropDatabase = (serverUrl: string, name: string) =>
  administer(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);

async function administer(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
