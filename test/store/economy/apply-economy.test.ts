import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { walletOf, sourceOf } from '../../../domain/ledger/accounts.ts';
import type { Economy } from '../../../domain/economy/types.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { planEconomy } from '../../../store/economy/plan-economy.ts';
import { currentEconomy, economyAt, readEconomyHistory } from '../../../store/economy/reads.ts';
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

test('caps and full wallets are the file’s, and go when it no longer says them', async () => {
  const limits = async () => {
    const { rows } = await db.query(
      `SELECT code, wallet_max::text AS max FROM assets WHERE wallet_max IS NOT NULL
       UNION ALL SELECT side || ':' || role || ':' || asset, amount_per_day::text FROM flow_caps ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ code, max }) => [code, max]));
  };
  expect(await limits()).toEqual({});
  const capped = (walletMax: string, amount: string): Economy => ({
    ...arena,
    assets: { ...arena.assets, gold: { ...arena.assets['gold']!, walletMax } },
    sources: { ...arena.sources, 'api.grant': { dailyCaps: [{ asset: 'gold', amount }] } },
    sinks: { ...arena.sinks, burn: { dailyCaps: [{ asset: 'potion', amount: '9' }] } },
  });
  await applyEconomy(db, capped('1000', '50'), { actor });
  const first = { gold: '1000', 'source:api.grant:gold': '50', 'sink:burn:potion': '9' };
  expect(await limits()).toEqual(first);
  await applyEconomy(db, capped('9223372036854775807', '60'), { actor });
  expect(await limits()).toEqual({
    ...first,
    gold: '9223372036854775807',
    'source:api.grant:gold': '60',
  });
  await applyEconomy(db, arena, { actor });
  expect(await limits()).toEqual({});
});

test('a plan says what would be stranded or contradicts what is published, and writes nothing', async () => {
  const player = await newPlayer(db);
  await post(
    db,
    journal({
      movements: [
        {
          code: 'mint',
          itemId: randomUUID(),
          kind: 'rare_sword',
          kindVersion: 1,
          from: systemHolder('api.grant'),
          to: playerHolder(player),
        },
      ],
    }),
  );
  const { rare_sword: _, ...kinds } = arena.kinds;
  const table = arena.dropTables['match.winner']!;
  const entries = table.entries.filter(({ kind }) => kind !== 'rare_sword');
  const without: Economy = { ...arena, kinds, dropTables: { 'match.winner': { ...table, entries } } };
  const before = await currentEconomy(db);
  expect(await planEconomy(db, without)).toMatchObject({
    current: { version: before.version, hash: before.hash },
    stranded: [{ pointer: '/kinds/rare_sword', detail: '1 items of it exist' }],
    conflicts: [{ pointer: '/dropTables/match.winner/version' }],
    odds: [
      {
        table: 'match.winner',
        odds: [
          { drop: 'iron_sword', before: { percent: '60' }, after: { exact: '2/3' } },
          { drop: 'steel_sword', before: { percent: '30' }, after: { exact: '1/3' } },
          { drop: 'rare_sword', before: { percent: '10' }, after: null },
        ],
      },
    ],
  });
  expect(await currentEconomy(db)).toEqual(before);

  const newer = { ...without, dropTables: { 'match.winner': { version: 2, entries } } };
  await expect(applyEconomy(db, newer, { actor })).rejects.toMatchObject({
    errors: [expect.objectContaining({ pointer: '/kinds/rare_sword' })],
  });
  const allowed = await applyEconomy(db, newer, { actor, allowStranded: true });
  expect(allowed).toMatchObject({ version: before.version + 1, applied: true });
  const { rows } = await db.query('SELECT detail FROM audit_entries WHERE target = $1', [
    `economy:${allowed.version}`,
  ]);
  expect(rows).toMatchObject([{ detail: { stranded: [{ pointer: '/kinds/rare_sword' }] } }]);
});

test('a plan that drops a table says which open matches still roll it, by their own version', async () => {
  const table = arena.dropTables['match.winner']!;
  const { version } = await applyEconomy(db, arena, { actor });
  await db.query(
    `INSERT INTO matches (id, mode, region, status, config, economy_version)
     SELECT gen_random_uuid(), 'test', 'eu', status, '{}', $1 FROM unnest($2::text[]) AS status`,
    [version, ['lobby', 'running', 'finished']],
  );
  const next: Economy = {
    ...arena,
    dropTables: { 'match.best': table },
    rewards: { ...arena.rewards, winner: { ...arena.rewards.winner, rolls: ['match.best'] } },
  };
  expect(await planEconomy(db, next)).toMatchObject({
    openMatchCount: 2,
    warnings: [
      {
        pointer: '/dropTables/match.winner',
        detail: 'is gone; 2 open matches still roll it, under the version they began with',
      },
    ],
  });
});

test('the history names every version, newest first, with its author', async () => {
  const all = await readEconomyHistory(db, { limit: 100 });
  expect(all.map(({ version }) => version)).toEqual(all.map((_, i) => all.length - i));
  expect(new Set(all.map(({ appliedBy }) => appliedBy))).toEqual(new Set([actor]));
  expect(await readEconomyHistory(db, { limit: 1, before: 3 })).toEqual([all.at(-2)]);
});
