import type { EventContext } from '../../domain/events.ts';
import type { NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { lineRefusedByWallet, mailboxLines } from '../../domain/mailbox/deferral.ts';
import { must } from '../../domain/must.ts';
import type { Db } from '../db.ts';
import type { JournalBatcher } from '../ledger/journal-batcher.ts';
import { retryConcurrent } from '../ledger/retry-concurrent.ts';
import { findEntriesOf } from '../mailbox/reads.ts';
import type { MailboxEntry } from '../mailbox/reads.ts';
import { sha256 } from '../matches/sha256.ts';
import { postGrants } from './post-grants.ts';

type Deps = { db: Db; batcher: JournalBatcher };
/** `mailbox`: what of it waits to be claimed, or has waited. */
export type GrantAnswer = { result: PostResult; mailbox: MailboxEntry[] };

/** Well within a transaction's time. */
const transactionCountMax = 100;

/**
 * Posts grants for callers without a transaction, each on its own: one that is refused leaves its neighbours alone. They
 * travel with everybody else's journals; only those that a full wallet turns away, or that are meant for the mailbox, take
 * a transaction of their own. Throws what `JournalBatcher.post` throws; sending all of it again then meets what is posted.
 */
export async function postGrantBatch(
  { db, batcher }: Deps,
  journals: readonly NewJournal[],
  context: EventContext = {},
): Promise<GrantAnswer[]> {
  const results = await Promise.all(
    journals.map(async (journal) => (isForMailbox(journal) ? null : batcher.post(journal, context))),
  );
  const open = results.flatMap((result, index) =>
    result === null || lineRefusedByWallet(result) !== undefined ? [index] : [],
  );
  for (let from = 0; from < open.length; from += transactionCountMax) {
    const some = open.slice(from, from + transactionCountMax);
    const due = some.map((index) => must(journals[index], 'journal'));
    const answers = await retryConcurrent(() => db.transaction((tx) => postGrants(tx, due, context)));
    for (const [i, index] of some.entries()) results[index] = must(answers[i], 'answer');
  }
  return tellMailboxes(
    db,
    journals,
    results.map((result) => must(result, 'answer')),
    new Set(open),
  );
}

const isForMailbox = (journal: NewJournal): boolean => mailboxLines(journal, sha256).length > 0;

/** A journal posted at the first try has nothing in a mailbox; one that was there before may have. */
async function tellMailboxes(
  db: Db,
  journals: readonly NewJournal[],
  results: readonly PostResult[],
  open: ReadonlySet<number>,
): Promise<GrantAnswer[]> {
  const causes = journals
    .filter((_, index) => results[index]?.result === 'exists' || open.has(index))
    .map(({ key, transfers }) => ({ key, lineCount: transfers.length }));
  const byCause = Map.groupBy(await findEntriesOf(db, causes), ({ cause }) => cause);
  return results.map((result, index) => ({ result, mailbox: byCause.get(journals[index]?.key ?? '') ?? [] }));
}
