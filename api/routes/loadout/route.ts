import { z } from '@hono/zod-openapi';
import { readLoadout } from '../../../store/loadouts/reads.ts';
import { setLoadout } from '../../../store/loadouts/set-loadout.ts';
import { player } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { Id } from '../../schemas.ts';

const Loadout = z.strictObject({ weaponItemId: Id.nullable() }).openapi('Loadout');
const common = { path: '/v1/loadout', tag: 'inventory', auth: player } as const;

const read = defineRoute(
  {
    ...common,
    method: 'get',
    operationId: 'readLoadout',
    summary: 'What the player brings into the next match',
    mutation: false,
    limit: 'read',
    answers: { 200: { description: 'The loadout', schema: Loadout } },
  },
  async ({ deps, principal }) => ({ status: 200, body: await readLoadout(deps.db, principal.playerId) }),
);

const set = defineRoute(
  {
    ...common,
    method: 'put',
    operationId: 'setLoadout',
    summary: 'Choose it; a running match keeps what was brought',
    mutation: 'keyed',
    limit: 'write',
    body: Loadout,
    answers: { 200: { description: 'Chosen', schema: Loadout } },
    errors: ['item_not_owned'],
  },
  async ({ deps, principal, body }) => {
    await setLoadout(deps.db, principal.playerId, body.weaponItemId);
    return { status: 200, body };
  },
);

export const loadoutRoutes = [read, set];
