import type { EventContext } from '../../domain/events.ts';
import { isPosted } from '../../domain/ledger/types.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { welcomeGrantJournal } from '../../domain/rewards/grant-journals.ts';
import type { Tx } from '../db.ts';
import { currentEconomy } from '../economy/reads.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { appendEvents } from '../outbox/append-events.ts';

/**
 * A new player: row, event and what the economy welcomes them with, in the caller's transaction. The wallets are new, so
 * no other transaction can wait for them. Throws `dependency_unavailable` before an economy is applied.
 */
export async function createPlayer(
  tx: Tx,
  playerId: string,
  context: EventContext = {},
  cause?: JournalCause,
): Promise<void> {
  await tx.query('INSERT INTO players (id) VALUES ($1)', [playerId]);
  await appendEvents(tx, [{ type: 'game.player.registered.v1', key: playerId, data: { playerId } }], context);
  const journal = welcomeGrantJournal(
    await currentEconomy(tx),
    playerId,
    cause ?? { actor: `player:${playerId}` },
  );
  if (!journal) return;
  const [result] = await postJournals(tx, [journal], context);
  // A closed valve must not close the door: the grant's key stays free for an operator.
  if (result && !isPosted(result) && result.result !== 'frozen')
    throw new Error(`the welcome grant was refused: ${result.result}`);
}
