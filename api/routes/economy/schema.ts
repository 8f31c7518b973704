import { z } from '@hono/zod-openapi';
import { Code, Cursor, Limit, PositiveAmount, Time, pageOf } from '../../schemas.ts';

export const Economy = z
  .strictObject({ version: z.number().int(), hash: z.string(), economy: z.looseObject({ name: z.string() }) })
  .openapi('EconomyVersion');

export const Applying = z
  .strictObject({
    mode: z
      .enum(['plan', 'apply'])
      .openapi({ description: '`plan` says what it would change, and writes nothing' }),
    economy: z.unknown().openapi({ description: 'The file, as `economy.schema.json` describes it' }),
    allowStranded: z
      .boolean()
      .optional()
      .openapi({ description: 'Drop assets and kinds from the file that players hold' }),
  })
  .openapi('ApplyEconomy');

const Place = z.strictObject({ pointer: z.string(), detail: z.string() });
const Change = z.strictObject({
  change: z.enum(['add', 'remove', 'replace']),
  pointer: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});
const Chance = z
  .strictObject({
    exact: z.string().openapi({ description: 'A fraction in lowest terms', example: '3/10' }),
    percent: z.string().openapi({ description: 'Rounded to six decimals', example: '30' }),
  })
  .openapi('Chance');
const Version = z.number().int().nullable();
const Texts = z.array(z.string());
export const Plan = z
  .strictObject({
    applied: z.boolean(),
    version: z.number().int().openapi({ description: 'Current afterwards; 0 before the first' }),
    hash: z.string().nullable(),
    changes: z.array(Change),
    odds: z.array(
      z.strictObject({
        table: Code,
        versions: z.strictObject({ before: Version, after: Version }),
        odds: z.array(
          z.strictObject({ drop: z.string(), before: Chance.nullable(), after: Chance.nullable() }),
        ),
        guaranteed: z.strictObject({ before: Texts, after: Texts }),
        pity: z.strictObject({ before: z.string().nullable(), after: z.string().nullable() }),
      }),
    ),
    limits: z.array(Change),
    stranded: z.array(Place),
    conflicts: z.array(Place),
    warnings: z.array(Place),
    openMatchCount: z.number().int(),
  })
  .openapi('EconomyPlan');

export const HistoryQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export const History = pageOf(
  z
    .strictObject({ version: z.number().int(), hash: z.string(), appliedBy: z.string(), appliedAt: Time })
    .openapi('AppliedEconomy'),
).openapi('AppliedEconomies');

const Drop = z
  .strictObject({
    kind: Code.optional(),
    asset: Code.optional(),
    amount: PositiveAmount.optional(),
    table: Code.optional(),
    nothing: z.literal(true).optional(),
  })
  .openapi('Drop');
export const DropTables = z
  .strictObject({
    economyVersion: z.number().int(),
    tables: z.array(
      z.strictObject({
        code: Code,
        version: z.number().int(),
        hash: z
          .string()
          .openapi({ description: 'SHA-256 of the canonical JSON of the table without version' }),
        totalWeight: z.number().int(),
        entries: z.array(
          z.strictObject({
            name: z.string(),
            drop: Drop,
            weight: z.number().int(),
            rarity: z.string().optional(),
            modifier: z.string().optional(),
            chance: Chance,
          }),
        ),
        odds: z
          .array(z.strictObject({ drop: Drop, chance: Chance }))
          .openapi({ description: 'One of these comes out in the end: nested tables are multiplied out' }),
        guaranteed: z
          .array(z.strictObject({ drop: Drop, chance: Chance }))
          .openapi({ description: 'Comes besides, as often as it says' }),
        pity: z.strictObject({ entry: z.string(), misses: z.number().int(), text: z.string() }).nullable(),
      }),
    ),
    modifiers: z.array(
      z.strictObject({ name: z.string(), attribute: z.string(), maxPercent: z.number().int() }),
    ),
  })
  .openapi('DropTables');
