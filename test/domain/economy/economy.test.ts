import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffEconomy } from '../../../domain/economy/diff-economy.ts';
import { economySchema } from '../../../domain/economy/economy-schema.ts';
import { schemaProblems } from '../../../domain/economy/schema-problems.ts';
import type { Economy } from '../../../domain/economy/types.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import type { LootError } from '../../../domain/errors.ts';

type Editable = { [name: string]: Editable } & { [index: number]: Editable };
const read = () => JSON.parse(readFileSync('economies/arena.json', 'utf8')) as Editable;
const edited = (edit: (file: Editable) => void): unknown => {
  const file = read();
  edit(file);
  return file;
};
const set = (value: unknown) => value as Editable;

function problemsOf(value: unknown): string[] {
  try {
    parseEconomy(value);
    return [];
  } catch (error) {
    return (error as LootError).errors.map(({ pointer }) => pointer);
  }
}

describe('an economy file', () => {
  test('the arena as shipped is valid', () => expect(problemsOf(read())).toEqual([]));

  test.each<[string, unknown, string[]]>([
    ['an asset nobody defined', edited((f) => (f['seal']!['asset'] = set('pearls'))), ['/seal/asset']],
    [
      'a drop of an unknown kind',
      edited((f) => (f['dropTables']!['match.winner']!['entries']![1]!['kind'] = set('axe'))),
      ['/dropTables/match.winner/entries/1/kind'],
    ],
    [
      'a roll of an unknown table',
      edited((f) => (f['rewards']!['winner']!['rolls'] = set(['nope']))),
      ['/rewards/winner/rolls/0'],
    ],
    [
      'an amount beyond 2^63',
      edited((f) => (f['welcome']!['lines']![0]!['amount'] = set('9223372036854775808'))),
      ['/welcome/lines/0/amount'],
    ],
    [
      'amounts as numbers, negative or fractional',
      edited((f) => {
        f['seal']!['amount'] = set(1);
        f['welcome']!['lines']![0]!['amount'] = set('-1');
        f['welcome']!['lines']![1]!['amount'] = set('1.5');
      }),
      ['/welcome/lines/0/amount', '/welcome/lines/1/amount', '/seal/amount'],
    ],
    [
      'a member nobody reads',
      edited((f) => (f['sources']!['match.reward']!['dailyCap'] = set('5'))),
      ['/sources/match.reward/dailyCap'],
    ],
    ['a missing role', edited((f) => delete f['sinks']!['seal']), ['/sinks/seal']],
    ['no object at all', [], ['']],
  ])('is refused with its place named: %s', (_, value, pointers) =>
    expect(problemsOf(value)).toEqual(pointers),
  );
});

test('our check of the shape agrees with a full JSON Schema validator', () => {
  const validate = new Ajv({ strict: false }).compile(economySchema);
  const places = [
    'name',
    'assets',
    'kinds',
    'sources',
    'sinks',
    'dropTables',
    'rewards',
    'welcome',
    'seal',
    'market',
    'rewardReview',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...places),
      fc.json().map((text) => JSON.parse(text) as unknown),
      (place, value) => {
        const file = { ...read(), [place]: value };
        expect(schemaProblems(economySchema, file).length === 0).toBe(validate(file));
      },
    ),
    { numRuns: 300 },
  );
});

test('the plan names every place that changes and nothing else', () => {
  const before = parseEconomy(read());
  const after = edited((f) => {
    f['market']!['feeBasisPoints'] = set(700);
    delete f['kinds']!['rare_sword'];
    f['assets']!['gem'] = set({ kind: 'currency' });
  }) as Economy;
  expect(diffEconomy(before, before)).toEqual([]);
  expect(diffEconomy(before, after).map(({ change, pointer }) => `${change} ${pointer}`)).toEqual([
    'add /assets/gem',
    'remove /kinds/rare_sword',
    'replace /market/feeBasisPoints',
  ]);
});

test('the published schema is the one we check with', () => {
  expect(JSON.parse(readFileSync('docs/reference/economy.schema.json', 'utf8'))).toEqual(economySchema);
});
