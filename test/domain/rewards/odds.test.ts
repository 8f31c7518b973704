import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareEconomies } from '../../../domain/economy/plan-economy.ts';
import type { DropTable, Economy } from '../../../domain/economy/types.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { dropLabel, fractionText, oddsOf, percentText, plus } from '../../../domain/rewards/odds.ts';
import { weightsOf, weightsOfVariant } from '../../../domain/rewards/weights.ts';

const economy = parseEconomy(JSON.parse(readFileSync('economies/showcase.json', 'utf8')));

const tableCount = 4;
/** Tables that nest only later ones, so that they end. */
const someTables = fc.tuple(
  ...Array.from({ length: tableCount }, (_, own) =>
    fc.uniqueArray(
      fc.record({
        drop: fc.integer({ min: 0, max: 3 + (tableCount - 1 - own) }),
        weight: fc.integer({ min: 1, max: 10_000 }),
        lucky: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5, selector: ({ drop }) => drop },
    ),
  ),
);
const drops = [
  { kind: 'iron_sword' },
  { asset: 'gold', amount: '7' },
  { nothing: true },
  { kind: 'rare_sword' },
];
const economyOf = (tables: { drop: number; weight: number; lucky: boolean }[][]): Economy =>
  parseEconomy({
    ...economy,
    dropTables: {
      ...economy.dropTables,
      ...Object.fromEntries(
        tables.map((entries, own): [string, DropTable] => [
          `t${own}`,
          {
            version: 1,
            entries: entries.map(({ drop, weight, lucky }) => ({
              ...(drops[drop] ?? { table: `t${own + drop - 3}` }),
              weight,
              ...(lucky && { modifier: 'luck' }),
            })),
          },
        ]),
      ),
    },
  });

test('final odds add up to exactly 1, however tables nest and whatever luck the player has', () => {
  fc.assert(
    fc.property(someTables, fc.integer({ min: 1, max: 300 }), (tables, luck) => {
      const { odds } = oddsOf(economyOf(tables), 't0', { luck });
      const sum = odds.map(({ probability }) => probability).reduce(plus);
      expect(fractionText(sum)).toBe('1/1');
      expect(new Set(odds.map(({ drop }) => dropLabel(drop))).size).toBe(odds.length);
    }),
  );
});

test('a modifier moves weight and invents none: the bound is the sum, and its name gives the weights back', () => {
  fc.assert(
    fc.property(someTables, fc.integer({ min: 1, max: 300 }), (tables, luck) => {
      const own = economyOf(tables);
      const table = own.dropTables['t0']!;
      const { weights, bound, variant } = weightsOf(own, table, { luck });
      expect(weights.reduce((a, b) => a + b, 0)).toBe(bound);
      expect(weightsOfVariant(table, variant)).toEqual(weights);
    }),
  );
});

test('what is nested is multiplied out; what is guaranteed is told apart', () => {
  const { odds, besides } = oddsOf(economy, 'chest');
  expect(odds.map(({ drop, probability }) => `${dropLabel(drop)} ${fractionText(probability)}`)).toEqual([
    'iron_sword 3/25',
    'steel_sword 29/500',
    'rare_sword 1/50',
    'clover_ring 1/500',
    '50 gold 3/10',
    '200 gold 1/10',
    '5 gems_free 1/20',
    'nothing 7/20',
  ]);
  expect(besides.map(({ drop, probability }) => `${dropLabel(drop)} ${fractionText(probability)}`)).toEqual([
    '25 gold 1/1',
  ]);
});

test.each([
  [{ numerator: 3n, denominator: 25n }, '12'],
  [{ numerator: 1n, denominator: 3n }, '33.333333'],
  [{ numerator: 2n, denominator: 3n }, '66.666667'],
  [{ numerator: 1n, denominator: 2n ** 31n }, '0'],
])('%o is %s %%', (fraction, text) => expect(percentText(fraction)).toBe(text));

test('a plan shows the odds of every table that a change is felt in, before and after', () => {
  const { weapons, chest } = economy.dropTables;
  const entries = weapons!.entries.map((entry) =>
    entry.kind === 'iron_sword'
      ? { ...entry, weight: 50 }
      : entry.kind === 'rare_sword'
        ? { ...entry, weight: 20 }
        : entry,
  );
  const next = {
    ...economy,
    dropTables: {
      chest: chest!,
      weapons: { ...weapons!, version: 2, entries },
      spare: { version: 1, entries: [{ nothing: true, weight: 1 }] },
    },
    market: { ...economy.market, feeBasisPoints: 300 },
  };
  const { odds, limits, warnings } = compareEconomies(economy, next);
  expect(odds.map(({ table, versions }) => [table, versions.before, versions.after])).toEqual([
    ['chest', 1, 1],
    ['spare', null, 1],
    ['weapons', 1, 2],
  ]);
  const rare = odds.map(({ odds: shifts }) => shifts.find(({ drop }) => drop === 'rare_sword'));
  expect(rare.map((shift) => shift && [shift.before?.percent, shift.after?.percent])).toEqual([
    ['2', '4'],
    undefined,
    ['10', '20'],
  ]);
  expect(limits.map(({ pointer }) => pointer)).toEqual(['/market/feeBasisPoints']);
  expect(warnings).toEqual([{ pointer: '/dropTables/spare', detail: 'no reward rolls this table' }]);
  expect(compareEconomies(economy, economy)).toEqual({ changes: [], odds: [], limits: [], warnings: [] });
});
