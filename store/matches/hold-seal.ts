import type { Action } from '../../domain/arena/types.ts';
import { isPosted } from '../../domain/ledger/types.ts';
import type { PostResult } from '../../domain/ledger/types.ts';
import type { Db, Tx } from '../db.ts';
import { isConcurrentPost, postJournals } from '../ledger/post-journals.ts';
import { readSealedAction } from './reads.ts';
import type { SealedRecord } from './reads.ts';
import { holdJournal } from './seal-journals.ts';
import type { SealTerms } from './seal-journals.ts';
import type { Fenced } from './types.ts';

export type HoldSeal = Fenced & {
  playerId: string;
  actionKey: string;
  bodyHash: string;
  action: Action;
  terms: SealTerms;
};

/**
 * `held`: durable, this host owes it a tick. `replayed`: the key was used with this very body before; the record says what
 * became of it. `fenced`: another host has the match, nothing was accepted.
 */
export type HeldSeal =
  | { result: 'held' }
  | { result: 'replayed'; record: SealedRecord }
  | { result: 'idempotency_mismatch' | 'fenced' | 'insufficient_stamps' }
  | { result: 'refused'; reason: PostResult['result'] };

/** Accepts a sealed action: its row and the hold of its stamp in one transaction, if the fence still stands. */
export async function holdSeal(db: Db, request: HoldSeal): Promise<HeldSeal> {
  try {
    return await hold(db, request);
  } catch (error) {
    if (!isConcurrentPost(error)) throw error;
    return hold(db, request);
  }
}

function hold(db: Db, request: HoldSeal): Promise<HeldSeal> {
  return db.transaction(async (tx) => {
    const guarded = await guard(tx, request);
    if (guarded === undefined) return { result: 'fenced' };
    const known = await readSealedAction(tx, request.matchId, request.playerId, request.actionKey);
    if (known !== null) return repeat(known, request.bodyHash);

    if (guarded.frozen) return { result: 'refused', reason: 'frozen' };
    const [posted] = await postJournals(tx, [holdJournal(request, request.terms)]);
    if (posted === undefined || !isPosted(posted)) return refusal(posted);

    const { rowCount } = await tx.query(
      `INSERT INTO sealed_actions (match_id, player_id, action_key, body_hash, action) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [
        request.matchId,
        request.playerId,
        request.actionKey,
        request.bodyHash,
        JSON.stringify(request.action),
      ],
    );
    if (rowCount === 1) return { result: 'held' };
    // The same key came twice at once: posting waited for the other, whose row is there now.
    const other = await readSealedAction(tx, request.matchId, request.playerId, request.actionKey);
    if (other === null) throw new Error('a sealed action was in the way and is gone');
    return repeat(other, request.bodyHash);
  });
}

/** Shared with other holds and ticks of the match; a claim of the next fence waits for it, or it for the claim. */
async function guard(
  tx: Tx,
  { matchId, hostId, fence, playerId }: HoldSeal,
): Promise<{ frozen: boolean } | undefined> {
  const { rows } = await tx.query<{ frozen: boolean }>(
    `SELECT EXISTS (SELECT FROM players WHERE id = $4 AND frozen_at IS NOT NULL) AS frozen
     FROM matches WHERE id = $1 AND host_id = $2 AND fence = $3 AND status = 'running' FOR SHARE`,
    [matchId, hostId, fence, playerId],
  );
  return rows[0];
}

const repeat = (record: SealedRecord, bodyHash: string): HeldSeal =>
  record.bodyHash === bodyHash ? { result: 'replayed', record } : { result: 'idempotency_mismatch' };

function refusal(hold: PostResult | undefined): HeldSeal {
  const reason = hold?.result ?? 'unknown_account';
  // A player who never had a stamp has no account for them.
  return reason === 'insufficient_funds' || reason === 'unknown_account'
    ? { result: 'insufficient_stamps' }
    : { result: 'refused', reason };
}
