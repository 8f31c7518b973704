import { z } from '@hono/zod-openapi';
import { currentEconomy } from '../../../store/economy/reads.ts';
import { none, playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { Code } from '../../schemas.ts';

const Economy = z
  .strictObject({ version: z.number().int(), hash: z.string(), economy: z.looseObject({ name: z.string() }) })
  .openapi('EconomyVersion');
const Entry = z.strictObject({ kind: Code, weight: z.number().int(), rarity: z.string().optional() });
const DropTables = z
  .strictObject({
    economyVersion: z.number().int(),
    tables: z.array(
      z.strictObject({
        code: Code,
        version: z.number().int(),
        totalWeight: z.number().int(),
        entries: z.array(Entry),
      }),
    ),
  })
  .openapi('DropTables');

const common = { method: 'get', tag: 'economy', mutation: false, limit: 'read' } as const;

const economy = defineRoute(
  {
    ...common,
    path: '/v1/economy',
    operationId: 'readEconomy',
    summary: 'The economy file in force',
    auth: playerOrClient('economy:read'),
    answers: { 200: { description: 'The current version', schema: Economy } },
  },
  async ({ deps }) => {
    const { version, hash, economy: content } = await currentEconomy(deps.db);
    return { status: 200, body: { version, hash, economy: content }, headers: { etag: `"${version}"` } };
  },
);

const dropTables = defineRoute(
  {
    ...common,
    path: '/v1/drop-tables',
    operationId: 'listDropTables',
    summary: 'The odds: an entry is drawn with probability weight / totalWeight',
    auth: none,
    answers: { 200: { description: 'All tables of the current version', schema: DropTables } },
  },
  async ({ deps }) => {
    const { version, economy: content } = await currentEconomy(deps.db);
    const tables = Object.entries(content.dropTables).map(([code, table]) => ({
      code,
      version: table.version,
      totalWeight: table.entries.reduce((sum, { weight }) => sum + weight, 0),
      entries: table.entries,
    }));
    return { status: 200, body: { economyVersion: version, tables } };
  },
);

export const economyRoutes = [economy, dropTables];
