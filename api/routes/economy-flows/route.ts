import { LootError } from '../../../domain/errors.ts';
import { readFlows } from '../../../store/flows/reads.ts';
import { operator } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { FlowQuery, Flows } from './schema.ts';
import { flowsView } from './view.ts';
import { windowOf } from './window.ts';

const flows = defineRoute(
  {
    method: 'get',
    path: '/v1/economy/flows',
    operationId: 'readFlows',
    tag: 'explain',
    summary: 'What enters and leaves the economy, how fast it moves, and who holds it',
    auth: operator('economy:read'),
    mutation: false,
    limit: 'read',
    query: FlowQuery,
    answers: { 200: { description: 'Every bucket of the window, per asset', schema: Flows } },
    errors: ['unknown_asset'],
  },
  async ({ deps, query: { asset, ...query } }) => {
    const window = { ...windowOf(query), ...(asset !== undefined && { asset }) };
    const read = await readFlows(deps.db, window);
    if (asset !== undefined && read.assets.length === 0)
      throw new LootError('unknown_asset', `There is no asset '${asset}'.`);
    return { status: 200, body: flowsView(window, read) };
  },
);

export const flowRoutes = [flows];
