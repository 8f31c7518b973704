import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { walletOf, sourceOf } from '../../../domain/ledger/accounts.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { currentEconomy, economyAt } from '../../../store/economy/reads.ts';
import { testDatabase } from '../../support/database.ts';
import { journal, newPlayer, post } from '../ledger/fixtures.ts';

const { db } = await testDatabase();
const arena = parseEconomy(JSON.parse(readFileSync('economies/arena.json', 'utf8')));
const actor = 'operator:test';
const cheaper = { ...arena, market: { ...arena.market, feeBasisPoints: 100 } };

test('versions are immutable, follow each other and are told; the same file again is the same version', async () => {
  await expect(currentEconomy(db)).rejects.toMatchObject({ code: 'dependency_unavailable' });
  const [first, again] = await Promise.all([
    applyEconomy(db, arena, { actor }),
    applyEconomy(db, arena, { actor }),
  ]);
  expect([first.version, again.version]).toEqual([1, 1]);
  expect([first.applied, again.applied].toSorted((a, b) => Number(a) - Number(b))).toEqual([false, true]);
  const second = await applyEconomy(db, cheaper, { actor, expectVersion: 1 });
  const back = await applyEconomy(db, arena, { actor });
  expect([second.version, back.version]).toEqual([2, 3]);
  expect(back.hash).not.toBe(first.hash);
  expect(await economyAt(db, 2)).toMatchObject({ version: 2, economy: cheaper });
  const { rows } = await db.query(`SELECT type FROM outbox WHERE topic = 'economy.version'`);
  expect(rows).toHaveLength(3);
});

test('somebody who saw an older version is refused', async () => {
  await expect(applyEconomy(db, cheaper, { actor, expectVersion: 1 })).rejects.toMatchObject({
    code: 'precondition_failed',
  });
});

test('what is published under a version stays what it was', async () => {
  const table = arena.dropTables['match.winner']!;
  const rigged = {
    ...arena,
    dropTables: { 'match.winner': { ...table, entries: [{ kind: 'rare_sword', weight: 1 }] } },
  };
  const sharper = {
    ...arena,
    kinds: { ...arena.kinds, iron_sword: { version: 1, attributes: { weaponBonus: 19 } } },
  };
  const other = { ...arena, assets: { ...arena.assets, gold: { kind: 'stackable' as const } } };
  for (const [economy, pointer] of [
    [rigged, '/dropTables/match.winner/version'],
    [sharper, '/kinds/iron_sword/version'],
    [other, '/assets/gold/kind'],
  ] as const) {
    await expect(applyEconomy(db, economy, { actor })).rejects.toMatchObject({
      code: 'economy_invalid',
      errors: [expect.objectContaining({ pointer })],
    });
  }
  expect((await currentEconomy(db)).version).toBe(3);
});

test('what players hold is not dropped from under them', async () => {
  const { potion: _, ...assets } = arena.assets;
  const player = await newPlayer(db);
  const paid = await post(
    db,
    journal({
      transfers: [
        {
          state: 'posted',
          debit: sourceOf('api.grant', 'potion'),
          credit: walletOf(player, 'potion'),
          amount: 2n,
          code: 'grant',
        },
      ],
    }),
  );
  expect(paid.result).toBe('ok');
  await expect(applyEconomy(db, { ...arena, assets }, { actor })).rejects.toMatchObject({
    errors: [expect.objectContaining({ pointer: '/assets/potion' })],
  });
});
