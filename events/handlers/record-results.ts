import { z } from 'zod';
import type { EventContext, EventData } from '../../domain/events.ts';
import type { Tx } from '../../store/db.ts';
import { resolveIdentity } from '../../store/players/resolve-identity.ts';
import { recordExternalResultIn } from '../../store/rewards/record-external-result.ts';
import type { ExternalPlayer } from '../../store/rewards/record-external-result.ts';
import { clientOfSource } from '../codec/envelope.ts';
import { DeadEvent } from '../consumer/failures.ts';
import { defineHandler } from './define.ts';

const name = z.string().min(1).max(255);
const int64Max = 2n ** 63n - 1n;

const isAmount = (text: string): boolean => /^(0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) <= int64Max;

/** What Avro does not say: the same bounds as `POST /v1/match-results`. */
const ReportedResult = z.object({
  reference: name,
  externalMatchId: name,
  mode: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  players: z
    .array(
      z.object({
        player: z.object({ issuer: name, subject: name }),
        placement: z.number().int().min(1).max(100).nullable(),
        score: z
          .number()
          .int()
          .min(0)
          .max(2 ** 31 - 1)
          .nullable(),
        resources: z.string().refine(isAmount, 'not an integer from 0 to 2^63 - 1'),
      }),
    )
    .min(1)
    .max(100),
});

/** Results that game servers report over Kafka: the same road as over HTTP, keyed by the client's own ids. */
export const recordResults = () =>
  defineHandler({
    group: 'external-results',
    types: ['game.result.reported.v1'],
    onDeadLetter: 'park',
    async handle(tx, { data, source }, { context }) {
      assertBounds(data);
      const clientId = clientOfSource(source);
      if (clientId === undefined) throw new DeadEvent('unknown_source', `${source} is not a client`);
      const { reference, externalMatchId, mode } = data;
      const players = await resolvePlayers(tx, data, context);
      await recordExternalResultIn(tx, { clientId, reference, externalMatchId, mode, players }, { context });
    },
  });

type Reported = EventData['game.result.reported.v1'];

function assertBounds(data: Reported): void {
  const parsed = ReportedResult.safeParse(data);
  if (parsed.success) return;
  const places = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new DeadEvent('schema_violation', places.join('; '));
}

async function resolvePlayers(
  tx: Tx,
  { players }: Reported,
  context: EventContext,
): Promise<ExternalPlayer[]> {
  const resolved: ExternalPlayer[] = [];
  for (const { player, outcome, placement, score, resources } of players) {
    const { playerId } = await resolveIdentity(tx, player.issuer, player.subject, context);
    resolved.push({ playerId, outcome, placement, score, resources: BigInt(resources) });
  }
  if (new Set(resolved.map(({ playerId }) => playerId)).size < resolved.length) {
    throw new DeadEvent('schema_violation', 'a player is named twice');
  }
  return resolved;
}
