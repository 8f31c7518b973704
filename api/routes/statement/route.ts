import { LootError } from '../../../domain/errors.ts';
import { readPlayer } from '../../../store/players/reads.ts';
import { findChanges } from '../../../store/statements/find-changes.ts';
import type { ChangesAfter } from '../../../store/statements/find-changes.ts';
import { findPoint } from '../../../store/statements/find-point.ts';
import type { StatementPoint } from '../../../store/statements/find-point.ts';
import { readBalancesAt } from '../../../store/statements/read-balances-at.ts';
import { readChanges } from '../../../store/statements/read-changes.ts';
import { readItemsAt } from '../../../store/statements/read-items-at.ts';
import { playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { pageCountDefault, pageOfRows } from '../../pages.ts';
import { Statement, StatementParams, StatementQuery } from './schema.ts';
import { balanceView, changeView, itemView } from './view.ts';

const statement = defineRoute(
  {
    method: 'get',
    path: '/v1/players/{playerId}/statement',
    operationId: 'readStatement',
    tag: 'explain',
    summary: 'What a player had at an instant, and why: balances, items, and every change with its cause',
    // whoever has the scope reads every player, also what other games have caused: a statement is whole or says nothing
    auth: playerOrClient('statements:read'),
    mutation: false,
    limit: 'read',
    params: StatementParams,
    query: StatementQuery,
    answers: {
      200: { description: 'The statement, with a page of items and of changes', schema: Statement },
    },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, params: { playerId }, query }) => {
    const mayRead = principal.type === 'client' || principal.playerId === playerId;
    if (!mayRead || (await readPlayer(deps.db, playerId)) === undefined)
      throw new LootError('not_found', 'There is no such player.');
    const lists = listsOf(playerId, query.asOf);
    const at = await readCursors(deps, lists, query);
    const point = at.point ?? (await findPoint(deps.db, query.asOf));
    const limit = query.limit ?? pageCountDefault;
    const [balances, items, changes] = await Promise.all([
      readBalancesAt(deps.db, playerId, point),
      readItemsAt(deps.db, playerId, point.journalId, { limit, ...at.items }),
      pageOfChanges(deps, playerId, { last: point.journalId, limit, ...at.changes }),
    ]);
    const position = [point.asOf, String(point.journalId)];
    const isOperator = principal.type === 'client';
    const view = changeView((id) => (isOperator ? deps.temporal.workflowUrl(id) : null));
    const next = changes.next && [String(changes.next.journalId), String(changes.next.transferId)];
    return {
      status: 200,
      body: {
        playerId,
        asOf: point.asOf,
        journalId: String(point.journalId),
        balances: balances.map(balanceView),
        items: await pageOfRows(deps, lists.items, items, limit, itemView, ({ itemId }) => [
          ...position,
          itemId,
        ]),
        changes: {
          items: changes.rows.map(view),
          nextCursor: next && (await deps.cursors.encode(lists.changes, [...position, ...next])),
        },
      },
    };
  },
);

/** A cursor belongs to one player, one instant as it was asked for, and one of the two lists. */
const listsOf = (playerId: string, asOf: string | undefined) => ({
  changes: `statement changes ${playerId} ${asOf ?? ''}`,
  items: `statement items ${playerId} ${asOf ?? ''}`,
});

type Cursors = {
  point?: StatementPoint;
  changes?: { after: ChangesAfter };
  items?: { after: string };
};

/** A cursor names the point its statement stood at, so that later pages are of the same one. */
async function readCursors(
  { cursors }: Pick<Services, 'cursors'>,
  lists: ReturnType<typeof listsOf>,
  query: { cursor?: string | undefined; itemsCursor?: string | undefined },
): Promise<Cursors> {
  const changes = query.cursor === undefined ? null : await cursors.decode(lists.changes, query.cursor);
  const items = query.itemsCursor === undefined ? null : await cursors.decode(lists.items, query.itemsCursor);
  const [asOf, journalId] = changes ?? items ?? [];
  if (changes && items && changes[0] !== items[0])
    throw new LootError('bad_cursor', 'The two cursors are of statements at different instants.');
  return {
    ...(asOf !== undefined && journalId !== undefined && { point: { asOf, journalId: BigInt(journalId) } }),
    ...(changes && {
      changes: { after: { journalId: BigInt(changes[2] ?? 0), transferId: BigInt(changes[3] ?? 0) } },
    }),
    ...(items?.[2] !== undefined && { items: { after: items[2] } }),
  };
}

async function pageOfChanges(
  { db }: Pick<Services, 'db'>,
  playerId: string,
  page: { last: bigint; limit: number; after?: ChangesAfter },
) {
  const { journalIds, next } = await findChanges(db, playerId, page);
  return { rows: await readChanges(db, playerId, journalIds), next };
}

export const statementRoutes = [statement];
