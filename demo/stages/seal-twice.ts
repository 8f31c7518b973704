import { expect } from '../stage.ts';
import type { World } from '../world.ts';
import type { SealedTwice } from './play-match.ts';

/** A stamp buys a promise: the action happens once, whatever is lost on the way. Paid once, too. */
export async function checkSealedTwice(
  { output, db }: World,
  { player, matchId, actionKey, first, second }: SealedTwice,
): Promise<void> {
  expect(first.status === 'resolved', `the sealed action was resolved, not ${JSON.stringify(first)}`);
  output.line(
    `  ${player.name} sent the sealed action "${actionKey}" in tick ${first.tick}, and again without having heard the answer`,
  );
  expect(second.replayed === true && second.tick === first.tick, 'the second answer is the first one again');
  output.proof(`the second answer is the first one again: tick ${second.tick}, replayed`);
  const { rows } = await db.query<{ count: bigint; spent: bigint }>(
    `SELECT count(*), coalesce(sum(p.amount), 0)::bigint AS spent
     FROM journals j JOIN transfers t ON t.journal_id = j.id JOIN transfers p ON p.id = t.pending_id
     WHERE j.kind = 'seal_post' AND j.key LIKE $1`,
    [`%${matchId}%${player.playerId}%`],
  );
  expect(rows[0]?.spent === 1n, `one stamp was spent, not ${rows[0]?.spent}`);
  output.proof('one stamp was debited: sent twice, happened once, paid once');
}
