import { readItems } from '../../../store/ledger/reads.ts';
import { player } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { Inventory, PageQuery } from './schema.ts';

const common = { method: 'get', tag: 'inventory', mutation: false, limit: 'read' } as const;

const inventory = defineRoute(
  {
    ...common,
    path: '/v1/inventory',
    operationId: 'listItems',
    summary: "The player's items, and what has them locked",
    auth: player,
    query: PageQuery,
    answers: { 200: { description: 'A page', schema: Inventory } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query }) => {
    const list = `inventory ${principal.playerId}`;
    const { after, limit } = await readPage(deps, list, query);
    const rows = await readItems(deps.db, principal.playerId, {
      limit,
      ...(after?.[0] !== undefined && { after: after[0] }),
    });
    const body = await pageOfRows(
      deps,
      list,
      rows,
      limit,
      ({ id, kind, kindVersion, attributes, lock }) => ({
        itemId: id,
        kind,
        kindVersion,
        attributes,
        locked: lock !== null,
        lockedBy: lock,
      }),
      ({ id }) => [id],
    );
    return { status: 200, body };
  },
);

export const inventoryRoutes = [inventory];
