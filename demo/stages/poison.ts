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

  const refused = await preview(world, letter.deadLetterId);
  expect(
    refused.errorClass === letter.errorClass && refused.outcome !== 'handled',
    `a preview knows that it would fail again: ${refused.outcome}`,
  );
  output.proof(`a preview of putting it back says: ${refused.errorMessage}`);
  await operator.createApiKey({ clientId: stranger, scopes: ['results:write'] });
  const cured = await preview(world, letter.deadLetterId);
  expect(cured.outcome === 'handled', `a preview knows that it would be handled: ${cured.outcome}`);
  expect((await paymentCount(world, poisoned)) === 0, 'a preview pays nobody');
  output.proof('the game is registered; the next preview says: handled. Nobody was paid yet');

  const { body: redrive } = await operator.redrive({ deadLetterIds: [letter.deadLetterId] });
  world.link('the redrive', redrive.workflowId);
  await eventually('the redriven result is paid', () => isPaid(world, poisoned));
  expect((await paymentCount(world, poisoned)) === 1, 'the redriven result is paid once');
  output.proof('the letter was put back: handled, paid once');
}

/** What would become of a letter that is put back now. */
async function preview({ operator }: World, deadLetterId: string) {
  const { body: asked } = await operator.redrive({ deadLetterIds: [deadLetterId], preview: true });
  await eventually('the preview is over', async () => {
    const { status } = await operator.readRedrive(asked.redriveId);
    return status === 'completed' || undefined;
  });
  const { items } = await operator.redriveLetters(asked.redriveId);
  const [told] = items;
  if (told === undefined) throw new Error('the preview told nothing of the letter');
  return told;
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
