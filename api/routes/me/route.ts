import { z } from '@hono/zod-openapi';
import { readPlayer } from '../../../store/players/reads.ts';
import { player, unauthenticated } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { Id, Time } from '../../schemas.ts';

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

export const meRoutes = [me];
