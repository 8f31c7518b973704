import type { EventContext } from '../../domain/events.ts';
import { isPosted } from '../../domain/ledger/types.ts';
import type { JournalCause, NewJournal } from '../../domain/ledger/types.ts';
import { welcomeGrantJournal } from '../../domain/rewards/grant-journals.ts';
import type { Tx } from '../db.ts';
import { currentEconomy } from '../economy/reads.ts';
import { postGrants } from '../grants/post-grants.ts';
import { appendEvents } from '../outbox/append-events.ts';

/**
 * A new player: row, event and what the economy welcomes them with, in the caller's transaction. The wallets are new, so
 * no other transaction can wait for them. Throws `dependency_unavailable` before an economy is applied.
 */
export const createPlayer = (
  tx: Tx,
  playerId: string,
  context: EventContext = {},
  cause?: JournalCause,
): Promise<void> => createPlayers(tx, [playerId], context, { ...(cause && { cause }) });

/** The same for many at once; without a welcome for those who bring what they have. */
export async function createPlayers(
  tx: Tx,
  playerIds: readonly string[],
  context: EventContext = {},
  { cause, welcome = true }: { cause?: JournalCause; welcome?: boolean } = {},
): Promise<void> {
  if (playerIds.length === 0) return;
  await tx.query('INSERT INTO players (id) SELECT * FROM unnest($1::uuid[])', [playerIds]);
  const events = playerIds.map((playerId) => ({
    type: 'game.player.registered.v1' as const,
    key: playerId,
    data: { playerId },
  }));
  await appendEvents(tx, events, context);
  if (!welcome) return;
  const published = await currentEconomy(tx);
  const journals = playerIds
    .map((playerId) => welcomeGrantJournal(published, playerId, cause ?? { actor: `player:${playerId}` }))
    .filter((journal): journal is NewJournal => journal !== null);
  const results = await postGrants(tx, journals, context);
  // A closed valve or a full cap must not close the door: the grant's key stays free for an operator.
  const refused = results.find(
    (result) => !isPosted(result) && result.result !== 'frozen' && result.result !== 'limit_exceeded',
  );
  if (refused) throw new Error(`the welcome grant was refused: ${refused.result}`);
}
