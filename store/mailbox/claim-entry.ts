import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { mailboxOf, walletOf } from '../../domain/ledger/accounts.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import type { AccountRef, JournalCause } from '../../domain/ledger/types.ts';
import { claimJournal } from '../../domain/mailbox/mailbox-journals.ts';
import { requirePosted } from '../../domain/market/refused.ts';
import type { Db, Tx } from '../db.ts';
import { postJournal } from '../ledger/post-journals.ts';
import { retryConcurrent } from '../ledger/retry-concurrent.ts';
import { refuseFrozen } from '../players/standing.ts';
import { entryColumns, findEntry } from './reads.ts';
import type { MailboxEntry } from './reads.ts';

/**
 * Moves what waits in a player's mailbox into the wallet. Claimed before, also at the same time, it is answered again.
 * Against the expiry sweep the entry's row decides: exactly one of them closes it.
 *
 * Throws `not_found` for an entry that is not theirs, `mailbox_expired`, `player_frozen`, `limit_exceeded` when the wallet
 * has no room (the entry stays), and what the ledger refuses.
 */
export function claimEntry(
  db: Db,
  { playerId, entryId }: { playerId: string; entryId: string },
  cause: JournalCause,
  context: EventContext = {},
): Promise<{ entry: MailboxEntry; replayed: boolean }> {
  return retryConcurrent(() =>
    db.transaction(async (tx) => {
      await refuseFrozen(tx, playerId, journalKeys.mailbox(entryId, 'claim'));
      const { rows } = await tx.query<MailboxEntry>(
        `UPDATE mailbox_entries SET status = 'claimed', closed_at = clock_timestamp()
       WHERE id = $1 AND player_id = $2 AND status = 'waiting' AND (expires_at IS NULL OR expires_at > clock_timestamp())
       RETURNING ${entryColumns}`,
        [entryId, playerId],
      );
      const entry = rows[0];
      if (entry === undefined) return { entry: await findClaimed(tx, playerId, entryId), replayed: true };
      await assertRoom(tx, entry);
      requirePosted(await postJournal(tx, claimJournal(entry, cause), context));
      return { entry, replayed: false };
    }),
  );
}

async function findClaimed(tx: Tx, playerId: string, entryId: string): Promise<MailboxEntry> {
  const entry = await findEntry(tx, playerId, entryId);
  if (entry === null) throw new LootError('not_found', 'There is no such mailbox entry.');
  if (entry.status === 'claimed') return entry;
  throw new LootError('mailbox_expired', 'The entry was not claimed in time.');
}

/**
 * The ledger's own wallet cap is for what comes from a source. Here both accounts are locked first, in the order in which
 * posting locks them, so that the room that is seen is still there when the claim is posted.
 *
 * An entry is taken whole. One that is more than a wallet holds, because a line was or because the cap came down since,
 * would never fit: it goes into an empty wallet, so that what was promised can always be had.
 */
async function assertRoom(tx: Tx, { playerId, asset, amount }: MailboxEntry): Promise<void> {
  const refs: AccountRef[] = [walletOf(playerId, asset), mailboxOf(playerId, asset)];
  const { rows } = await tx.query<{ purpose: string; balance: bigint; walletMax: bigint | null }>(
    `SELECT a.purpose, a.credits_posted - a.debits_posted AS balance, s.wallet_max AS "walletMax"
     FROM accounts a JOIN assets s ON s.code = a.asset
     WHERE a.holder = $1 AND a.asset = $2 AND a.purpose = ANY ($3) ORDER BY a.id FOR UPDATE OF a`,
    [refs[0]?.holder, asset, refs.map(({ purpose }) => purpose)],
  );
  const walletMax = rows[0]?.walletMax ?? null;
  const balance = rows.find(({ purpose }) => purpose === 'wallet')?.balance ?? 0n;
  if (walletMax === null || balance + amount <= walletMax || balance === 0n) return;
  const wayOut = amount > walletMax ? 'this much goes into an empty wallet only' : 'make room first';
  throw new LootError('limit_exceeded', `The wallet holds at most ${walletMax} ${asset}; ${wayOut}.`, {
    extra: { limit: `wallet:${asset}`, balance: balance.toString(), walletMax: walletMax.toString() },
  });
}
