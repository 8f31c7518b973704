import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { valveScopes } from '../../../domain/ledger/valves.ts';
import { listValves, readValve } from '../../../store/valves/reads.ts';
import type { Valve as StoredValve } from '../../../store/valves/reads.ts';
import { closeValve, openValve } from '../../../store/valves/set-valve.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { etagOf, readIfMatch } from '../../etag.ts';
import type { Reply } from '../../http.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Code, Cursor, Limit, Reason, Time, pageOf } from '../../schemas.ts';

const Scope = z.enum(valveScopes);
const State = z.enum(['open', 'closed']);
const Valve = z
  .strictObject({
    scope: Scope,
    id: Code,
    state: State,
    reason: z.string().nullable(),
    closedBy: z.string().nullable(),
    closedAt: Time.nullable(),
  })
  .openapi('Valve');
const ValveState = z.strictObject({ state: State, reason: Reason }).openapi('ValveState');
const Params = z.strictObject({ scope: Scope, id: Code });

const view = ({ scope, id, state, reason, closedBy, closedAt }: StoredValve) => ({
  scope,
  id,
  state,
  reason,
  closedBy,
  closedAt: closedAt?.toISOString() ?? null,
});
const reply = (valve: StoredValve): Reply => ({
  status: 200,
  body: view(valve),
  headers: { etag: etagOf(valve.version) },
});

const common = { tag: 'operate', auth: operator('valves:write') } as const;

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/valves',
    operationId: 'listValves',
    summary: 'Every source, kind, channel and asset that can be stopped, by scope and id',
    mutation: false,
    limit: 'read',
    query: z.strictObject({ state: State.optional(), limit: Limit, cursor: Cursor }),
    answers: { 200: { description: 'A page', schema: pageOf(Valve).openapi('Valves') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query: { state, ...page } }) => {
    const name = listName('valves', { state });
    const { after, limit } = await readPage(deps, name, page);
    const rows = await listValves(deps.db, {
      ...(state !== undefined && { state }),
      ...(after && { after: [after[0] ?? '', after[1] ?? ''] as const }),
      limit,
    });
    return {
      status: 200,
      body: await pageOfRows(deps, name, rows, limit, view, ({ scope, id }) => [scope, id]),
    };
  },
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/valves/{scope}/{id}',
    operationId: 'readValve',
    summary: 'Whether it is closed, why, by whom; its ETag is what a change must name',
    mutation: false,
    limit: 'read',
    params: Params,
    answers: { 200: { description: 'The valve', schema: Valve } },
  },
  async ({ deps, params: { scope, id } }) => {
    const valve = await readValve(deps.db, scope, id);
    if (valve === null) throw new LootError('not_found', `There is no valve ${scope}/${id}.`);
    return reply(valve);
  },
);

const put = defineRoute(
  {
    ...common,
    method: 'put',
    path: '/v1/valves/{scope}/{id}',
    operationId: 'setValve',
    summary: 'Stop one source, kind, channel or asset, or let it flow again',
    mutation: 'keyed',
    limit: 'write',
    params: Params,
    body: ValveState,
    answers: { 200: { description: 'As it is now', schema: Valve } },
    errors: ['not_found', 'precondition_required', 'precondition_failed'],
  },
  async ({ deps, http, principal, params, body, eventContext, requestId }) => {
    const version = readIfMatch(http.req.header('if-match'));
    const change = { ...params, reason: body.reason, actor: principalName(principal) };
    const set = body.state === 'closed' ? closeValve : openValve;
    return reply(await deps.db.transaction((tx) => set(tx, change, version, { ...eventContext, requestId })));
  },
);

export const valveRoutes = [list, read, put];
