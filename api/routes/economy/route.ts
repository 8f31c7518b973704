import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { LootError, isLootError } from '../../../domain/errors.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { planEconomy } from '../../../store/economy/plan-economy.ts';
import { currentEconomy, readEconomyHistory } from '../../../store/economy/reads.ts';
import { none, operator, playerOrClient, principalName } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { etagOf, readIfMatch } from '../../etag.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { Applying, DropTables, Economy, History, HistoryQuery, Plan } from './schema.ts';
import { tableView } from './view.ts';

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
    return { status: 200, body: { version, hash, economy: content }, headers: { etag: etagOf(version) } };
  },
);

const dropTables = defineRoute(
  {
    ...common,
    path: '/v1/drop-tables',
    operationId: 'listDropTables',
    summary: 'The odds, exact and in percent, of every table and of what is nested in it',
    auth: none,
    answers: { 200: { description: 'All tables of the current version', schema: DropTables } },
  },
  async ({ deps }) => {
    const { version, economy: content } = await currentEconomy(deps.db);
    const tables = Object.entries(content.dropTables).map(([code, table]) => tableView(content, code, table));
    const modifiers = Object.entries(content.modifiers ?? {}).map(([name, rule]) => ({ name, ...rule }));
    return {
      status: 200,
      body: { economyVersion: version, tables, modifiers },
      headers: { etag: etagOf(version) },
    };
  },
);

const put = defineRoute(
  {
    method: 'put',
    path: '/v1/economy',
    operationId: 'putEconomy',
    tag: 'economy',
    summary: 'Plan an economy file, or publish it as the next version',
    auth: operator('economy:write'),
    mutation: 'keyed',
    limit: 'write',
    bodyBytesMax: 1024 * 1024,
    body: Applying,
    answers: { 200: { description: 'What changes, and the version that is current now', schema: Plan } },
    errors: ['economy_invalid', 'precondition_failed', 'precondition_required'],
  },
  async ({ deps, http, principal, body }) => {
    const expectVersion = readIfMatch(http.req.header('if-match'));
    const next = parseBody(body.economy);
    const { current, ...plan } = await planEconomy(deps.db, next);
    if (expectVersion !== (current?.version ?? 0)) {
      const detail = `The current economy version is ${current?.version ?? 0}, not ${expectVersion}.`;
      throw new LootError('precondition_failed', detail);
    }
    const now =
      body.mode === 'apply'
        ? await applyEconomy(deps.db, next, {
            actor: principalName(principal),
            allowStranded: body.allowStranded ?? false,
            expectVersion,
          }).catch(atBody)
        : { version: current?.version ?? 0, hash: current?.hash ?? null, applied: false };
    const { version, hash, applied } = now;
    return {
      status: 200,
      body: { applied, version, hash, ...plan },
      headers: { etag: etagOf(version) },
    };
  },
);

/** The file is a member of the body, and so are its places. */
function parseBody(value: unknown) {
  try {
    return parseEconomy(value);
  } catch (error) {
    return atBody(error);
  }
}

function atBody(error: unknown): never {
  if (!isLootError(error) || error.code !== 'economy_invalid') throw error;
  const errors = error.errors.map(({ pointer, detail }) => ({ pointer: `/economy${pointer}`, detail }));
  throw new LootError('economy_invalid', error.message, { errors });
}

const history = defineRoute(
  {
    ...common,
    path: '/v1/economy/versions',
    operationId: 'listEconomyVersions',
    summary: 'What was published, by whom and when, newest first',
    auth: operator('economy:read'),
    query: HistoryQuery,
    answers: { 200: { description: 'A page', schema: History } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query }) => {
    const { after, limit } = await readPage(deps, 'economy versions', query);
    const rows = await readEconomyHistory(deps.db, {
      limit,
      ...(after?.[0] !== undefined && { before: Number(after[0]) }),
    });
    const body = await pageOfRows(
      deps,
      'economy versions',
      rows,
      limit,
      ({ createdAt, ...row }) => ({ ...row, appliedAt: createdAt.toISOString() }),
      ({ version }) => [String(version)],
    );
    return { status: 200, body };
  },
);

export const economyRoutes = [economy, put, history, dropTables];
