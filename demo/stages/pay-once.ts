import { randomUUID } from 'node:crypto';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { readBalances } from '../../store/ledger/reads.ts';
import { eventually, expect } from '../stage.ts';
import { gameClientId } from '../world.ts';
import type { World } from '../world.ts';

/** A game we do not host: its own match ids, its own player ids, and a network that loses answers. */
export async function payOnce(world: World): Promise<void> {
  await reportTwice(world);
  await grantTwice(world);
}

async function reportTwice({ game, db, output, link }: World): Promise<void> {
  const run = randomUUID();
  const result = {
    reference: `match-${run}`,
    externalMatchId: run,
    mode: 'duel',
    players: [
      {
        player: { issuer: gameClientId, subject: `ada-${run}` },
        outcome: 'winner',
        placement: 1,
        score: 1_200,
      },
      {
        player: { issuer: gameClientId, subject: `bob-${run}` },
        outcome: 'eliminated',
        placement: 2,
        score: 300,
      },
    ],
  } as const;
  const { body: first } = await game.reportMatch(result);
  const { body: second } = await game.reportMatch(result);
  expect(first.matchId === second.matchId, 'the same result reported twice is one match');
  link('rewards of the brought-in match', `reward-${first.matchId}`);
  const { rows: keys } = await eventually('the winner of the brought-in match is paid', async () => {
    const found = await db.query<{ key: string; count: number }>(
      `SELECT key, count(*)::int AS count FROM journals WHERE key LIKE $1 GROUP BY key`,
      [`grant:match:${first.matchId}:%`],
    );
    return found.rows.length > 0 ? found : undefined;
  });
  expect(
    keys.length === 1 && keys[0]?.count === 1,
    `one journal pays the winner, not ${JSON.stringify(keys)}`,
  );
  output.proof(`a result reported twice is one match, and its winner is paid once: ${keys[0]?.key}`);
}

async function grantTwice({ game, db, output }: World): Promise<void> {
  const reference = `quest-${randomUUID()}`;
  const grant = {
    reference,
    player: { issuer: gameClientId, subject: reference },
    lines: [{ asset: 'gold', amount: '250' }],
  };
  const first = await game.grant(grant, { idempotencyKey: 'the-same-request' });
  const repeated = await game.grant(grant, { idempotencyKey: 'the-same-request' });
  const reworded = await game.grant(grant);
  expect(first.status === 201 && repeated.replayed, 'the same request again is answered, not done');
  expect(
    reworded.body.journalId === first.body.journalId,
    'another request with the same reference meets the same journal',
  );
  const gold = (await readBalances(db, first.body.playerId)).find(({ asset }) => asset === 'gold');
  const [welcome] = (
    await db.query<{ amount: bigint }>(
      `SELECT coalesce(sum(t.amount), 0)::bigint AS amount FROM transfers t JOIN journals j ON j.id = t.journal_id
       WHERE j.key = $1 AND t.asset = 'gold'`,
      [journalKeys.welcomeGrant(first.body.playerId)],
    )
  ).rows;
  expect(
    gold?.balance === 250n + (welcome?.amount ?? 0n),
    `250 gold were granted once, the wallet has ${gold?.balance}`,
  );
  output.proof(`250 gold asked for three times, paid once: ${first.body.key}`);
}
