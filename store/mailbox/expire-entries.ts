import { isPosted } from '../../domain/ledger/types.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { expiryJournal } from '../../domain/mailbox/mailbox-journals.ts';
import type { Db, Tx } from '../db.ts';
import { openFinding } from '../findings/open-finding.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { entryColumns } from './reads.ts';
import type { MailboxEntry } from './reads.ts';

/**
 * Gives back what nobody claimed in time by PostgreSQL's clock, at most `countMax` entries, and answers how many. Sweeps
 * may run side by side; an entry that is being claimed is left to the claim.
 */
export function expireEntries(db: Db, countMax: number, cause: JournalCause): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows: expired } = await tx.query<MailboxEntry>(
      `UPDATE mailbox_entries SET status = 'expired', closed_at = clock_timestamp() WHERE id IN (
         SELECT id FROM mailbox_entries WHERE status = 'waiting' AND expires_at <= statement_timestamp()
           AND asset NOT IN (SELECT code FROM assets WHERE frozen UNION ALL SELECT id FROM valves WHERE scope = 'asset')
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
       ) RETURNING ${entryColumns}`,
      [countMax],
    );
    const answers = await postJournals(
      tx,
      expired.map((entry) => expiryJournal(entry, cause)),
    );
    const stuck = expired.flatMap((entry, index) => {
      const answer = answers[index];
      return answer === undefined || isPosted(answer) ? [] : [{ ...entry, result: answer.result }];
    });
    if (stuck.length > 0) await keepWaiting(tx, stuck);
    return expired.length - stuck.length;
  });
}

/**
 * What the ledger does not take back stays in the mailbox until a later sweep can: it is overdue and no longer to be
 * claimed, but nothing is lost. Behind a closed valve it is only a matter of time; anything else is for people to look at.
 */
async function keepWaiting(tx: Tx, stuck: readonly (MailboxEntry & { result: string })[]): Promise<void> {
  await tx.query(
    "UPDATE mailbox_entries SET status = 'waiting', closed_at = NULL WHERE id = ANY ($1::uuid[])",
    [stuck.map(({ entryId }) => entryId)],
  );
  for (const { entryId, playerId, asset, result } of stuck) {
    if (result === 'frozen') continue;
    const detail = { playerId, asset, result };
    await openFinding(tx, { rule: 'mailbox_not_returned', subject: entryId, detail });
  }
}
