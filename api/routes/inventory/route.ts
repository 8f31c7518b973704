import { LootError } from '../../../domain/errors.ts';
import { readItem, readItemHistory, readItems } from '../../../store/ledger/reads.ts';
import { player, playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { receiptPath } from '../../links.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { Inventory, ItemHistory, ItemParams, PageQuery } from './schema.ts';

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

const history = defineRoute(
  {
    ...common,
    path: '/v1/items/{itemId}/history',
    operationId: 'readItemHistory',
    summary: 'Chain of custody from the mint to now',
    auth: playerOrClient('receipts:all'),
    params: ItemParams,
    query: PageQuery,
    answers: { 200: { description: 'A page, oldest first', schema: ItemHistory } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, params, query }) => {
    const item = await readItem(deps.db, params.itemId);
    const mayRead = principal.type === 'client' || item?.owner === `player:${principal.playerId}`;
    if (item === null || !mayRead) throw new LootError('not_found', 'There is no such item.');
    const list = `item ${params.itemId}`;
    const { after, limit } = await readPage(deps, list, query);
    const rows = await readItemHistory(deps.db, params.itemId, {
      limit,
      ...(after?.[0] !== undefined && { after: BigInt(after[0]) }),
    });
    const body = await pageOfRows(
      deps,
      list,
      rows,
      limit,
      ({ code, from, to, lockBefore, lockAfter, key, kind, workflowId, createdAt }) => ({
        code,
        from,
        to,
        lockBefore,
        lockAfter,
        key,
        kind,
        workflowId,
        createdAt: createdAt.toISOString(),
        receipt: receiptPath(key),
      }),
      ({ id }) => [String(id)],
    );
    return { status: 200, body };
  },
);

export const inventoryRoutes = [inventory, history];
