import { deferLines, lineRefusedByWallet, mailboxLines } from '../../domain/mailbox/deferral.ts';
import type { EventContext } from '../../domain/events.ts';
import type { NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { must } from '../../domain/must.ts';
import type { Tx } from '../db.ts';
import { postJournals } from '../ledger/post-journals.ts';
import { openEntries } from '../mailbox/open-entries.ts';
import { sha256 } from '../matches/sha256.ts';

/**
 * Posts journals that pay players, inside the caller's transaction, and answers each in the given order. A line that a full
 * wallet does not take goes to the player's mailbox instead, under the same key: nothing is lost, and a repeat meets the
 * same journal. Every other refusal is answered as `postJournals` answers it; a source's daily cap is one of them.
 *
 * Journals need an `identity`. At most one call of this or `postJournals` per transaction.
 */
export async function postGrants(
  tx: Tx,
  journals: readonly NewJournal[],
  context: EventContext = {},
): Promise<PostResult[]> {
  if (journals.length === 0) return [];
  const { posted, results } = await postDeferring(tx, journals, context);
  const isNew = (index: number) => results[index]?.result === 'ok';
  await openEntries(
    tx,
    posted.flatMap((journal, index) => (isNew(index) ? mailboxLines(journal, sha256) : [])),
  );
  return results;
}

/**
 * Locks of two posts are not in one order, so a post that has to be repeated with other accounts is taken back first, locks
 * and all. Each round defers at least one more line, and a line is deferred once.
 */
async function postDeferring(
  tx: Tx,
  journals: readonly NewJournal[],
  context: EventContext,
): Promise<{ posted: readonly NewJournal[]; results: PostResult[] }> {
  const deferred = journals.map(() => new Set<number>());
  let posted = journals;
  for (;;) {
    await tx.query('SAVEPOINT grants');
    const results = await postJournals(tx, posted, context);
    const refused = results.flatMap((result, journal) => {
      const line = lineRefusedByWallet(result);
      return line === undefined ? [] : [{ journal, line }];
    });
    if (refused.length === 0) {
      await tx.query('RELEASE SAVEPOINT grants');
      return { posted, results };
    }
    await tx.query('ROLLBACK TO SAVEPOINT grants');
    for (const { journal, line } of refused) must(deferred[journal], 'journal').add(line);
    posted = journals.map((journal, index) => {
      const lines = must(deferred[index], 'journal');
      return lines.size === 0 ? journal : deferLines(journal, lines, sha256);
    });
  }
}
