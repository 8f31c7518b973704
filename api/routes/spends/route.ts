import { z } from '@hono/zod-openapi';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { postSpend } from '../../../store/spends/post-spend.ts';
import { refuseFrozen } from '../../../store/players/standing.ts';
import { service } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { receiptPath } from '../../links.ts';
import { resolvePlayer } from '../../resolve-player.ts';
import { Code, Id, PlayerRef, PositiveAmount, Reference } from '../../schemas.ts';

const lineCountMax = 50;
const Line = z
  .strictObject({
    asset: Code.openapi({ description: 'An asset, or a family of assets as the economy file declares it' }),
    amount: PositiveAmount,
  })
  .openapi('SpendLine');
const Spend = z
  .strictObject({ reference: Reference, player: PlayerRef, lines: z.array(Line).min(1).max(lineCountMax) })
  .openapi('Spend');
const Spent = z
  .strictObject({
    key: z.string(),
    reference: Reference,
    playerId: Id,
    journalId: z.string(),
    lines: z.array(Line),
    split: z
      .array(z.strictObject({ asset: Code, amount: PositiveAmount }))
      .openapi({ description: 'What was taken of each asset' }),
    receipt: z.string(),
  })
  .openapi('Spent');

const create = defineRoute(
  {
    method: 'post',
    path: '/v1/spends',
    operationId: 'createSpend',
    tag: 'brought-in games',
    summary: "Take a price from a player's wallet, once per reference for ever",
    auth: service('spends:write'),
    mutation: 'keyed',
    limit: 'write',
    body: Spend,
    answers: {
      200: { description: 'This reference was spent before; the same answer again', schema: Spent },
      201: { description: 'Spent', schema: Spent },
    },
    errors: [
      'insufficient_funds',
      'exists_with_different_body',
      'unknown_asset',
      'unknown_account',
      'frozen',
      'player_frozen',
      'limit_exceeded',
    ],
  },
  async ({ deps, principal, body, cause, eventContext }) => {
    const playerId = await resolvePlayer(deps, body.player, eventContext);
    const lines = body.lines.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) }));
    const { reference } = body;
    const request = { clientId: principal.clientId, reference, playerId, lines };
    await refuseFrozen(deps.db, playerId, journalKeys.spend(principal.clientId, reference));
    const { key, journalId, replayed, split } = await postSpend(deps, request, cause, eventContext);
    deps.crash?.('after-spend-before-reply');
    const receipt = receiptPath(key);
    return {
      status: replayed ? 200 : 201,
      body: {
        key,
        reference,
        playerId,
        journalId: String(journalId),
        lines: body.lines,
        split,
        receipt,
      },
      headers: { location: receipt },
    };
  },
);

export const spendRoutes = [create];
