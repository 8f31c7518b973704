import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DropTable } from '../../../domain/economy/types.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import type { LootError } from '../../../domain/errors.ts';

const read = (name: string) => JSON.parse(readFileSync(`economies/${name}.json`, 'utf8')) as object;
const showcase = read('showcase');

function placesOf(change: object): string[] {
  try {
    parseEconomy({ ...showcase, ...change });
    return [];
  } catch (error) {
    return (error as LootError).errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
  }
}

/** The showcase with one more table; its rules are those of the test. */
const withTable = (table: object, more: Record<string, object> = {}) => ({
  dropTables: {
    ...(showcase as { dropTables: Record<string, DropTable> }).dropTables,
    mine: { version: 1, ...table },
    ...more,
  },
});
const sword = { kind: 'iron_sword', weight: 1 };

test('the economy that uses every feature is valid', () => expect(placesOf({})).toEqual([]));

describe('a drop table that could not be rolled as it reads is refused:', () => {
  test.each<[string, object, string]>([
    [
      'weights that do not add up to what the table says',
      {
        total: 100,
        entries: [
          { ...sword, weight: 60 },
          { nothing: true, weight: 39 },
        ],
      },
      '/dropTables/mine/total the weights add up to 99, not to 100',
    ],
    [
      'weights that overflow',
      {
        entries: [
          { ...sword, weight: 2 ** 32 },
          { nothing: true, weight: 1 },
        ],
      },
      '/dropTables/mine/entries the weights overflow 2^32',
    ],
    [
      'weights that overflow under a modifier',
      { entries: [{ ...sword, weight: 2 ** 24, modifier: 'luck' }] },
      '/dropTables/mine/entries the weights overflow 2^32 when each is multiplied by its modifier in percent',
    ],
    [
      'a drop that can never come',
      { entries: [sword, { nothing: true, weight: 0 }] },
      '/dropTables/mine/entries/1/weight weight 0: it can never be drawn',
    ],
    [
      'the same drop twice',
      { entries: [sword, sword] },
      "/dropTables/mine/entries/1 another entry is called 'iron_sword' already; merge them or give this one a name",
    ],
    [
      'pity for an entry that is not there',
      { entries: [sword], pity: { entry: 'rare_sword', misses: 3 } },
      "/dropTables/mine/pity/entry the table has no entry 'rare_sword'",
    ],
    [
      'a table that rolls itself',
      { entries: [{ table: 'mine', weight: 1 }] },
      '/dropTables/mine rolls itself: mine → mine',
    ],
    [
      'a modifier nobody defined',
      { entries: [{ ...sword, modifier: 'zeal' }] },
      "/dropTables/mine/entries/0/modifier there is no modifier 'zeal'",
    ],
    [
      'an unknown nested table',
      { entries: [{ table: 'nope', weight: 1 }] },
      "/dropTables/mine/entries/0/table there is no drop table 'nope'",
    ],
    [
      'an unknown asset',
      { entries: [{ asset: 'pearls', amount: '1', weight: 1 }] },
      "/dropTables/mine/entries/0/asset there is no asset 'pearls'",
    ],
    [
      'an unknown kind that is guaranteed',
      { guaranteed: [{ kind: 'axe' }], entries: [sword] },
      "/dropTables/mine/guaranteed/0/kind there is no kind 'axe'",
    ],
    [
      'an asset without an amount',
      { entries: [{ asset: 'gold', weight: 1 }] },
      '/dropTables/mine/entries/0/amount an asset has an amount, and only an asset',
    ],
    [
      'two drops in one',
      { entries: [{ ...sword, nothing: true }] },
      '/dropTables/mine/entries/0 must be exactly one of kind, asset, table and nothing',
    ],
    [
      'no drop at all',
      { entries: [{ weight: 1 }] },
      '/dropTables/mine/entries/0 must be exactly one of kind, asset, table and nothing',
    ],
  ])('%s', (_, table, place) => expect(placesOf(withTable(table))).toEqual([place]));

  test('tables that roll each other, told once', () => {
    const circle = withTable(
      { entries: [{ table: 'other', weight: 1 }] },
      { other: { version: 1, guaranteed: [{ table: 'mine' }], entries: [sword] } },
    );
    expect(placesOf(circle)).toEqual(['/dropTables/mine rolls itself: mine → other → mine']);
  });

  test('a roll that would make more draws than anybody could follow', () => {
    const twice = (code: string) => ({
      version: 1,
      guaranteed: [{ table: code }, { table: code }],
      entries: [sword],
    });
    const tower = { a: twice('b'), b: twice('c'), c: twice('d'), d: twice('e'), e: twice('mine') };
    const places = placesOf(withTable({ guaranteed: [], entries: [sword] }, { ...tower, f: twice('a') }));
    expect(places).toEqual(['/dropTables/f one roll of it could make more than 100 draws']);
  });
});

describe('what else cannot be meant is refused:', () => {
  test.each<[string, object, string]>([
    [
      'prizes that do not share the whole pot',
      { prizeSplits: { podium: { percent: [50, 30] } } },
      '/prizeSplits/podium/percent the places share 80 %, not 100 %',
    ],
    [
      'a later place that gets more',
      { prizeSplits: { podium: { percent: [40, 60] } } },
      '/prizeSplits/podium/percent a later place gets no more than an earlier one',
    ],
    [
      'a prize split nobody defined',
      { prizes: { cup: { split: 'nope', pot: [] } } },
      "/prizes/cup/split there is no prize split 'nope'",
    ],
    [
      'streak tiers out of order',
      {
        streaks: {
          assets: ['gold'],
          tiers: [
            { days: 7, quarters: 5 },
            { days: 7, quarters: 6 },
          ],
        },
      },
      '/streaks/tiers/1/days tiers begin later and later',
    ],
    [
      'a family named like an asset',
      { families: { gold: { spend: ['gems_free'] } } },
      '/families/gold an asset has this name',
    ],
    [
      'a family that spends an asset twice',
      { families: { gems: { spend: ['gems_free', 'gems_free'] } } },
      '/families/gems/spend/1 this asset is named already',
    ],
    [
      'a tripwire on a source nobody defined',
      { tripwires: { x: { close: 'source:nope' } } },
      "/tripwires/x/close there is no source 'nope'",
    ],
    [
      'a cap on an unknown asset',
      {
        sinks: {
          ...(showcase as { sinks: object }).sinks,
          burn: { dailyCaps: [{ asset: 'pearls', amount: '1' }] },
        },
      },
      "/sinks/burn/dailyCaps/0/asset there is no asset 'pearls'",
    ],
  ])('%s', (_, change, place) => expect(placesOf(change)).toEqual([place]));
});
