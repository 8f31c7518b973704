import { z } from '@hono/zod-openapi';
import { readPlayer } from '../../../store/players/reads.ts';
import { erasePlayer } from '../../../store/players/erase-player.ts';
import { player, principalName, unauthenticated } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { Id, Time } from '../../schemas.ts';
import { exportContentType, exportReply } from '../players/export.ts';
import { requirePlayer } from '../players/require-player.ts';

const Me = z
  .strictObject({ playerId: Id, username: z.string().nullable(), frozen: z.boolean(), createdAt: Time })
  .openapi('Me');

const me = defineRoute(
  {
    method: 'get',
    path: '/v1/me',
    operationId: 'readMe',
    tag: 'auth',
    summary: 'Who the token speaks for',
    auth: player,
    mutation: false,
    limit: 'read',
    answers: { 200: { description: 'The player', schema: Me } },
  },
  async ({ deps, principal }) => {
    const found = await readPlayer(deps.db, principal.playerId);
    // A valid token of a player who is gone.
    if (found === undefined) throw unauthenticated();
    return { status: 200, body: { ...found, createdAt: found.createdAt.toISOString() } };
  },
);

const exported = defineRoute(
  {
    method: 'get',
    path: '/v1/me/export',
    operationId: 'exportMe',
    tag: 'auth',
    summary: 'Everything held about the player, one JSON object a line',
    auth: player,
    mutation: false,
    limit: 'write',
    answers: { 200: { description: 'From `player` to `end`', contentType: exportContentType } },
  },
  async ({ deps, principal, ...call }) => {
    const found = await requirePlayer(deps.db, principal.playerId);
    return exportReply(deps, call, principalName(principal), found);
  },
);

const erase = defineRoute(
  {
    method: 'post',
    path: '/v1/me/erase',
    operationId: 'eraseMe',
    tag: 'auth',
    summary: 'Be forgotten: what the player had stays in the books under a bare id. There is no way back',
    auth: player,
    mutation: 'keyed',
    limit: 'write',
    body: z.strictObject({ confirm: z.literal('erase me') }).openapi('EraseMe'),
    answers: { 204: { description: 'Erased; the token is worth nothing any more' } },
  },
  async ({ deps, principal, eventContext, requestId }) => {
    const erasing = { playerId: principal.playerId, actor: principalName(principal) };
    await erasePlayer(deps.db, erasing, { ...eventContext, requestId });
    deps.streams.closeOf(principal.playerId);
    return { status: 204 };
  },
);

export const meRoutes = [me, exported, erase];
