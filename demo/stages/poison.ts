import { randomUUID } from 'node:crypto';
import { eventually, expect } from '../stage.ts';
import { gameClientId } from '../world.ts';
import type { World } from '../world.ts';

/**
 * A result arrives from a game nobody has registered. Its consumer gives up on it, other keys go on; when the game is
 * registered, the letter is put back and its player is paid, once.
 */
export async function poison(world: World): Promise<void> {
  const { output, operator } = world;
  const stranger = `new-game-${randomUUID().slice(0, 8)}`;
  const poisoned = await reportByKafka(world, stranger);
  const healthy = await reportByKafka(world, gameClientId);
  const letter = await eventually('the poison event is put aside', async () => {
    const { items } = await operator.deadLetters({ status: 'waiting' });
    return items.find(({ key }) => key === poisoned);
  });
  output.line(`  a result of the unknown game ${stranger} is in Kafka`);
  output.proof(`group ${letter.group} put it aside: ${letter.errorClass}, ${letter.errorMessage}`);
  await eventually('the next result is paid', () => isPaid(world, healthy));
  output.proof('other keys go on: the result behind it was paid');

  await operator.createApiKey({ clientId: stranger, scopes: ['results:write'] });
  const { body: redrive } = await operator.redrive({ deadLetterIds: [letter.deadLetterId] });
  world.link('the redrive', `redrive-${redrive.redriveId}`);
  await eventually('the redriven result is paid', () => isPaid(world, poisoned));
  expect((await paymentCount(world, poisoned)) === 1, 'the redriven result is paid once');
  output.proof('the game was registered and the letter redriven: handled, paid once');
}

/** As a game server does that prefers Kafka to HTTP. Answers its own id of the match, which is the record's key. */
async function reportByKafka({ kafka }: World, clientId: string): Promise<string> {
  const externalMatchId = randomUUID();
  const player = { issuer: clientId, subject: `player-${externalMatchId}` };
  const players = [{ player, outcome: 'winner', placement: 1, score: 10, resources: '0' }];
  const data = { reference: externalMatchId, externalMatchId, mode: 'duel', players };
  await kafka.send({ clientId, type: 'game.result.reported.v1', key: externalMatchId, data });
  return externalMatchId;
}

async function paymentCount({ db }: World, externalMatchId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM matches m JOIN journals j ON j.key LIKE 'grant:match:' || m.id || ':%' WHERE m.external_id = $1`,
    [externalMatchId],
  );
  return rows[0]?.count ?? 0;
}

const isPaid = async (world: World, externalMatchId: string): Promise<true | undefined> =>
  (await paymentCount(world, externalMatchId)) > 0 || undefined;
