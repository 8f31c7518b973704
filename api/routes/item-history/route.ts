import { LootError } from '../../../domain/errors.ts';
import { readItemHistory } from '../../../store/ledger/read-item-history.ts';
import { readLock } from '../../../store/ledger/read-lock.ts';
import type { LockView } from '../../../store/ledger/read-lock.ts';
import { readItem } from '../../../store/ledger/reads.ts';
import type { ItemView } from '../../../store/ledger/reads.ts';
import type { Principal } from '../../auth/policy.ts';
import { playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { ItemHistory, ItemHistoryQuery, ItemParams } from './schema.ts';
import { lockView, movementView } from './view.ts';

const history = defineRoute(
  {
    method: 'get',
    path: '/v1/items/{itemId}/history',
    operationId: 'readItemHistory',
    tag: 'explain',
    summary:
      'Where an item comes from and why it is locked: for its owner, for every player while it is for sale, for operators',
    auth: playerOrClient('receipts:all'),
    mutation: false,
    limit: 'read',
    params: ItemParams,
    query: ItemHistoryQuery,
    answers: { 200: { description: 'The chain of custody, oldest first', schema: ItemHistory } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, params: { itemId }, query }) => {
    const item = await readItem(deps.db, itemId);
    const taken = item?.lock ?? null;
    const lock = taken === null ? null : await readLock(deps.db, itemId, taken);
    if (item === null || !mayRead(principal, item, lock))
      throw new LootError('not_found', 'There is no such item.');
    const list = `item ${itemId}`;
    const { after, limit } = await readPage(deps, list, query);
    const rows = await readItemHistory(deps.db, itemId, {
      limit,
      ...(after?.[0] !== undefined && { after: BigInt(after[0]) }),
    });
    const isOperator = principal.type === 'client';
    const sight = {
      reasons: isOperator || isOwner(principal, item),
      workflowUrl: (workflowId: string) => (isOperator ? deps.temporal.workflowUrl(workflowId) : null),
    };
    const page = await pageOfRows(deps, list, rows, limit, movementView(sight), ({ id }) => [String(id)]);
    const { id: _id, lock: _lock, version: _version, ...shown } = item;
    return {
      status: 200,
      body: { item: { itemId, ...shown }, lock: lock && lockView(lock, sight), ...page },
    };
  },
);

const isOwner = (principal: Principal, { owner }: ItemView): boolean =>
  principal.type === 'player' && owner === `player:${principal.playerId}`;

/** Who is asked to buy an item may know where it comes from; otherwise it is its owner's affair. */
const mayRead = (principal: Principal, item: ItemView, lock: LockView | null): boolean =>
  principal.type === 'client' ||
  isOwner(principal, item) ||
  (lock?.type === 'listing' && lock.state === 'open');

export const itemHistoryRoutes = [history];
