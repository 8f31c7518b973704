import { z } from '@hono/zod-openapi';
import { acknowledgeNotifications } from '../../../store/notifications/acknowledge.ts';
import { readNotifications } from '../../../store/notifications/reads.ts';
import { player } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const acknowledgedCountMax = 100;

const Notification = z
  .strictObject({
    notificationId: Id,
    type: z.string(),
    data: z.unknown(),
    acknowledgedAt: Time.nullable(),
    createdAt: Time,
  })
  .openapi('Notification');
const Query = z.strictObject({ unread: z.enum(['true', 'false']).optional(), limit: Limit, cursor: Cursor });
const Ack = z
  .strictObject({ notificationIds: z.array(Id).min(1).max(acknowledgedCountMax) })
  .openapi('Acknowledge');
const Acked = z.strictObject({ acknowledgedCount: z.number().int() }).openapi('Acknowledged');

const list = defineRoute(
  {
    method: 'get',
    path: '/v1/notifications',
    operationId: 'listNotifications',
    tag: 'notifications',
    summary: 'What the player was told, newest first',
    auth: player,
    mutation: false,
    limit: 'read',
    query: Query,
    answers: { 200: { description: 'A page', schema: pageOf(Notification).openapi('Notifications') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query: { unread, ...paging } }) => {
    const name = listName(`notifications ${principal.playerId}`, { unread });
    const { after, limit } = await readPage(deps, name, paging);
    const rows = await readNotifications(deps.db, principal.playerId, {
      limit,
      unreadOnly: unread === 'true',
      ...(after?.[0] !== undefined && { after: after[0] }),
    });
    const body = await pageOfRows(
      deps,
      name,
      rows,
      limit,
      (row) => ({
        notificationId: row.notificationId,
        type: row.type,
        data: row.data,
        acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
        createdAt: row.createdAt.toISOString(),
      }),
      ({ notificationId }) => [notificationId],
    );
    return { status: 200, body };
  },
);

const acknowledge = defineRoute(
  {
    method: 'post',
    path: '/v1/notifications/ack',
    operationId: 'acknowledgeNotifications',
    tag: 'notifications',
    summary: "Mark some as read; another player's are not touched",
    auth: player,
    mutation: 'keyed',
    limit: 'write',
    body: Ack,
    answers: { 200: { description: 'How many were unread', schema: Acked } },
  },
  async ({ deps, principal, body }) => ({
    status: 200,
    body: await acknowledgeNotifications(deps.db, principal.playerId, body.notificationIds),
  }),
);

export const notificationRoutes = [list, acknowledge];
