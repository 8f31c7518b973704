import type { ActionAnswer } from '../../domain/arena/protocol.ts';
import { isPosted, playerHolder } from '../../domain/ledger/types.ts';
import type { NewJournal } from '../../domain/ledger/types.ts';
import type { Tx } from '../db.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { resolveJournal } from './seal-journals.ts';
import type { SealOutcome } from './seal-journals.ts';

const noLongerPending = new Set<string>([
  'pending_already_posted',
  'pending_already_voided',
  'pending_expired',
]);

export type AnsweredSeal = SealOutcome & { answer: ActionAnswer };

/**
 * Spends or gives back the stamps of sealed actions and keeps what was answered, for ever. Answers in the given order, each
 * with the player's balance after it. Again, it changes nothing. `alongside` are journals of the same transaction that must
 * post: its locks are taken in one order only when all are posted in one call.
 */
export async function resolveSeals(
  tx: Tx,
  seals: readonly (AnsweredSeal & { asset: string })[],
  alongside: readonly NewJournal[] = [],
): Promise<ActionAnswer[]> {
  if (seals.length + alongside.length === 0) return [];
  const posted = await postJournals(tx, [...alongside, ...seals.map(resolveJournal)]);
  for (const [index, { key }] of alongside.entries()) {
    const result = posted[index];
    if (result === undefined || !isPosted(result))
      throw new Error(`${key} was not posted: ${result?.result}`);
  }
  const results = posted.slice(alongside.length);
  for (const [index, result] of results.entries()) {
    // A hold that was resolved before, or that ran out, leaves nothing to do; the tick stands either way.
    if (!isPosted(result) && !noLongerPending.has(result.result)) {
      throw new Error(`the stamp of ${seals[index]?.actionKey} was not resolved: ${result.result}`);
    }
  }

  if (seals.length === 0) return [];
  const balances = await readBalances(tx, seals);
  const answers = seals.map(({ answer, playerId, asset }) => {
    const stampBalance = balances.get(`${playerId}/${asset}`);
    return stampBalance === undefined ? answer : { ...answer, stampBalance };
  });
  await tx.query(
    `UPDATE sealed_actions s SET status = g.status, tick = g.tick, outcome = g.outcome::jsonb
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[])
       AS g(match_id, player_id, action_key, status, tick, outcome)
     WHERE s.match_id = g.match_id AND s.player_id = g.player_id AND s.action_key = g.action_key AND s.status = 'held'`,
    [
      seals.map(({ matchId }) => matchId),
      seals.map(({ playerId }) => playerId),
      seals.map(({ actionKey }) => actionKey),
      seals.map(({ status }) => status),
      seals.map(({ tick }) => tick),
      answers.map((answer) => JSON.stringify(answer)),
    ],
  );
  return answers;
}

/** Balances, not what is available: a stamp held for the next action is still the player's. */
async function readBalances(
  tx: Tx,
  seals: readonly { playerId: string; asset: string }[],
): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ holder: string; asset: string; balance: bigint }>(
    `SELECT holder, asset, credits_posted - debits_posted AS balance FROM accounts
     WHERE holder = ANY($1) AND asset = ANY($2) AND purpose = 'wallet'`,
    [seals.map(({ playerId }) => playerHolder(playerId)), seals.map(({ asset }) => asset)],
  );
  return new Map(
    rows.map(({ holder, asset, balance }) => [
      `${holder.slice('player:'.length)}/${asset}`,
      balance.toString(),
    ]),
  );
}
