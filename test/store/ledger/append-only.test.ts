import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../../support/database.ts';
import { journal, mint, newPlayer, pay, post, seedAssets } from './fixtures.ts';

const { db, url } = await testDatabase();
const owner = new pg.Client({ connectionString: url });
beforeAll(async () => {
  await seedAssets(db);
  const player = await newPlayer(db);
  await post(db, journal({ transfers: [pay(player, 1n)], movements: [mint(randomUUID(), player)] }));
  await owner.connect();
});
afterAll(() => owner.end());

const tables = ['journals', 'transfers', 'item_movements'];
const rewrites = (table: string) => [`UPDATE ${table} SET id = id`, `DELETE FROM ${table}`];

describe('the ledger is append-only', () => {
  test.each(tables)('%s: the application may not rewrite it', async (table) => {
    for (const sql of rewrites(table)) await expect(db.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  test.each(tables)('%s: nor may the owner, who is told why', async (table) => {
    for (const sql of [...rewrites(table), `TRUNCATE ${table} CASCADE`]) {
      await expect(owner.query(sql)).rejects.toMatchObject({
        code: '23000',
        message: expect.stringContaining('append-only'),
      });
    }
  });

  test('a balance below zero is refused by the table itself', async () => {
    await expect(
      owner.query('UPDATE accounts SET debits_posted = credits_posted + 1 WHERE live'),
    ).rejects.toMatchObject({
      constraint: 'accounts_never_overdrawn',
    });
  });
});
