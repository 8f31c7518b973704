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
const version = { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } as const;
const roles = (names: readonly string[]) =>
  object(Object.fromEntries(names.map((name) => [name, object({ title }, [])])), names);
const reward = object({ lines: list(amountOf), perResource: list(amountOf), rolls: list(tableCode) }, [
  'lines',
  'perResource',
  'rolls',
]);

/** The shape of an economy file; published as `docs/reference/economy.schema.json`. */
export const economySchema: ShapeSchema & { $schema: string; title: string } = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Lootledger economy',
  description: 'Assets, catalog kinds, sources, sinks, drop tables, rewards and fees of one game.',
  ...object(
    {
      $schema: { type: 'string' },
      name: code,
      assets: table(code, object({ kind: { enum: ['currency', 'stackable'] }, title }, ['kind'])),
      kinds: table(
        code,
        object({ version, attributes: { type: 'object' }, title }, ['version', 'attributes']),
      ),
      sources: roles(sourceRoles),
      sinks: roles(sinkRoles),
      dropTables: table(
        tableCode,
        object(
          {
            version,
            entries: {
              type: 'array',
              minItems: 1,
              maxItems: 1000,
              items: object(
                { kind: code, weight: { type: 'integer', minimum: 1, maximum: 1_000_000 }, rarity: code },
                ['kind', 'weight'],
              ),
            },
          },
          ['version', 'entries'],
        ),
      ),
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
    },
    ['name', 'assets', 'kinds', 'sources', 'sinks', 'dropTables', 'rewards', 'seal', 'market'],
  ),
};
