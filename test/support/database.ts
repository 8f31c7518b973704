import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import type { Db } from '../../store/db.ts';
import { openDb } from '../../store/db.ts';
import { copyTemplate, databaseUrlFor, dropDatabase } from './template.ts';

/**
 * A database of this test file's own, migrated and otherwise empty, dropped when the file is done. `db` works as the
 * application's role; `url` belongs to the owner, for tests that corrupt things on purpose.
 */
export async function testDatabase(): Promise<{ db: Db; url: string }> {
  const { databaseUrl, templateName } = inject('servers');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await copyTemplate(databaseUrl, templateName, name);
  const url = databaseUrlFor(databaseUrl, name);
  const db = openDb({ url, connectionCountMax: 20, applicationName: 'test' });
  afterAll(async () => {
    await db.close();
    await dropDatabase(databaseUrl, name);
  });
  return { db, url };
}
