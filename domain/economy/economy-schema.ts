import type { ShapeSchema } from './schema-problems.ts';
import { sinkRoles, sourceRoles } from './types.ts';

const code = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,40}$' } as const;
const amount = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,18}$',
  description: 'a positive integer below 2^63',
} as const;
const title = { type: 'string', minLength: 1, maxLength: 100 } as const;

const object = (properties: Record<string, ShapeSchema>, required: readonly string[]): ShapeSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const table = (key: { pattern: string }, value: ShapeSchema): ShapeSchema => ({
  type: 'object',
  propertyNames: { pattern: key.pattern },
  additionalProperties: value,
});
const list = (items: ShapeSchema): ShapeSchema => ({ type: 'array', items, maxItems: 20 });

const amountOf = object({ asset: code, amount }, ['asset', 'amount']);
const tableCode = { type: 'string', pattern: '^[a-z][a-z0-9_.]{0,60}$' } as const;
const mode = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,31}$' } as const;
const valve = {
  type: 'string',
  pattern: '^(source|channel|kind|asset):[a-z][a-z0-9_.]{0,60}$',
  description: 'a valve as <scope>:<id>',
} as const;
const version = { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } as const;
const dailyCaps: ShapeSchema = {
  ...list(amountOf),
  description: 'at most this much of each asset in one UTC day',
};
const roles = (names: readonly string[]) =>
  object(Object.fromEntries(names.map((name) => [name, object({ title, dailyCaps }, [])])), names);
const reward = object({ lines: list(amountOf), perResource: list(amountOf), rolls: list(tableCode) }, [
  'lines',
  'perResource',
  'rolls',
]);

const percent = (maximum: number) => ({ type: 'integer', minimum: 0, maximum }) as const;
const drop = { kind: code, asset: code, amount, table: tableCode, nothing: { type: 'boolean' } } as const;
/** Of a weight, sums are checked apart: a table whose weights overflow should say so. */
const weight = { type: 'integer', minimum: 0, maximum: 2 ** 32 } as const;
const dropTable = object(
  {
    version,
    guaranteed: { ...list(object(drop, [])), description: 'given by every roll' },
    entries: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      items: object({ ...drop, weight, rarity: code, name: code, modifier: code }, ['weight']),
    },
    total: { ...weight, description: 'what the weights must add up to' },
    pity: object({ entry: tableCode, misses: { type: 'integer', minimum: 1, maximum: 100_000 } }, [
      'entry',
      'misses',
    ]),
  },
  ['version', 'entries'],
);
const streaks = object(
  {
    assets: list(code),
    tiers: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: object(
        {
          days: { type: 'integer', minimum: 0, maximum: 10_000 },
          quarters: { type: 'integer', minimum: 1, maximum: 400 },
        },
        ['days', 'quarters'],
      ),
    },
  },
  ['assets', 'tiers'],
);

/** The shape of an economy file; published as `docs/reference/economy.schema.json`. */
export const economySchema: ShapeSchema & { $schema: string; title: string } = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Lootledger economy',
  description: 'Assets, catalog kinds, sources, sinks, drop tables, rewards and fees of one game.',
  ...object(
    {
      $schema: { type: 'string' },
      name: code,
      assets: table(
        code,
        object({ kind: { enum: ['currency', 'stackable'] }, title, walletMax: amount }, ['kind']),
      ),
      kinds: table(
        code,
        object({ version, attributes: { type: 'object' }, title }, ['version', 'attributes']),
      ),
      sources: roles(sourceRoles),
      sinks: roles(sinkRoles),
      dropTables: table(tableCode, dropTable),
      rewards: object({ winner: reward, survivor: reward, eliminated: reward }, [
        'winner',
        'survivor',
        'eliminated',
      ]),
      welcome: object({ lines: list(amountOf) }, ['lines']),
      seal: amountOf,
      market: object({ asset: code, feeBasisPoints: { type: 'integer', minimum: 0, maximum: 10_000 } }, [
        'asset',
        'feeBasisPoints',
      ]),
      rewardReview: object({ asset: code, above: amount }, ['asset', 'above']),
      families: table(code, object({ spend: list(code), title }, ['spend'])),
      modifiers: table(
        code,
        object(
          {
            attribute: { type: 'string', minLength: 1, maxLength: 60 },
            maxPercent: { type: 'integer', minimum: 100, maximum: 10_000 },
          },
          ['attribute', 'maxPercent'],
        ),
      ),
      streaks,
      prizeSplits: table(code, object({ percent: { ...list(percent(100)), minItems: 1 } }, ['percent'])),
      prizes: table(mode, object({ split: code, pot: list(amountOf) }, ['split', 'pot'])),
      mailbox: object({ expiresAfterDays: { type: 'integer', minimum: 1, maximum: 3650 } }, [
        'expiresAfterDays',
      ]),
      tripwires: table(tableCode, object({ close: valve }, ['close'])),
    },
    ['name', 'assets', 'kinds', 'sources', 'sinks', 'dropTables', 'rewards', 'seal', 'market'],
  ),
};
