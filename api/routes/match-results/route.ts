import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import type { ExternalPlayer } from '../../../store/rewards/record-external-result.ts';
import { recordExternalResult } from '../../../store/rewards/record-external-result.ts';
import { workflowIds } from '../../../workflows/messages.ts';
import { service } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { matchPath, receiptPath } from '../../links.ts';
import { resolvePlayer } from '../../resolve-player.ts';
import { Amount, Id, PlayerRef, Reference } from '../../schemas.ts';

const playerCountMax = 100;

const Player = z.strictObject({
  player: PlayerRef,
  outcome: z.enum(['winner', 'survivor', 'eliminated']),
  placement: z.number().int().min(1).max(playerCountMax).optional(),
  score: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  amounts: z
    .strictObject({ resources: Amount.optional() })
    .optional()
    .openapi({ description: 'What the reward rule multiplies' }),
});
const MatchResult = z
  .strictObject({
    reference: Reference,
    externalMatchId: Reference,
    mode: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
    players: z.array(Player).min(1).max(playerCountMax),
  })
  .openapi('MatchResult');
const Recorded = z
  .strictObject({
    matchId: Id,
    workflowId: z.string(),
    seedHash: z.string(),
    receipts: z.array(z.strictObject({ playerId: Id, key: z.string(), receipt: z.string() })),
  })
  .openapi('RecordedResult');

const report = defineRoute(
  {
    method: 'post',
    path: '/v1/match-results',
    operationId: 'reportMatchResult',
    tag: 'brought-in games',
    summary: 'A match of your game is over; its rewards are drawn, published and paid',
    auth: service('results:write'),
    mutation: 'keyed',
    limit: 'write',
    body: MatchResult,
    answers: {
      202: { description: 'Recorded; the receipts are there when the rewards are paid', schema: Recorded },
    },
    errors: ['exists_with_different_body', 'unknown_account', 'overflow'],
  },
  async ({ deps, principal, body, eventContext }) => {
    const players: ExternalPlayer[] = [];
    for (const { player, outcome, placement, score, amounts } of body.players) {
      players.push({
        playerId: await resolvePlayer(deps, player, eventContext, { evenErased: true }),
        outcome,
        ...(placement !== undefined && { placement }),
        ...(score !== undefined && { score }),
        ...(amounts?.resources !== undefined && { resources: BigInt(amounts.resources) }),
      });
    }
    assertDistinct(players);
    const { reference, externalMatchId, mode } = body;
    const { matchId, seedHash } = await recordExternalResult(
      deps.db,
      { clientId: principal.clientId, reference, externalMatchId, mode, players },
      { context: eventContext },
    );
    const receipts = players.map(({ playerId }) => {
      const key = journalKeys.matchGrant(matchId, playerId);
      return { playerId, key, receipt: receiptPath(key) };
    });
    return {
      status: 202,
      body: { matchId, workflowId: workflowIds.rewardGrant(matchId), seedHash, receipts },
      headers: { location: matchPath(matchId), 'retry-after': '1' },
    };
  },
);

function assertDistinct(players: readonly ExternalPlayer[]): void {
  const seen = new Set<string>();
  const errors = players.flatMap(({ playerId }, index) => {
    const again = seen.has(playerId);
    seen.add(playerId);
    return again ? [{ pointer: `/players/${index}/player`, detail: 'this player is named twice' }] : [];
  });
  if (errors.length > 0)
    throw new LootError('validation_failed', 'A player takes part once; see errors.', { errors });
}

export const matchResultRoutes = [report];
