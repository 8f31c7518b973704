import type { Db } from '../../store/db.ts';
import { foldFlows } from '../../store/flows/fold-flows.ts';
import { defineBatchHandler } from './define.ts';

/**
 * Keeps the flows up to date. A journal's event only says that there is something to fold: the fold takes every journal
 * since the last one in one statement and commits how far it got, so a million events cost a million inbox rows but few
 * folds, and one that is told twice or never changes no number. What is announced while a fold runs waits for the next.
 */
export function keepFlows({ db }: { db: Db }) {
  let folding: Promise<void> | undefined;
  let foldedId = 0n;
  const fold = async () => {
    const reachedId = await foldFlows(db);
    if (reachedId !== null) foldedId = reachedId;
  };
  return defineBatchHandler({
    group: 'flows',
    types: ['ledger.journal.posted.v1'],
    onDeadLetter: 'pass',
    // the ledger says what is to be folded, not the event
    replaySafe: true,
    // the effect is committed by the fold, after which it is known to be done
    handleMany: () => Promise.resolve(),
    async signal({ data: { journalId } }) {
      // the first may have begun before this journal was there; a long transaction is waited for by the sweep
      for (let attempt = 0; attempt < 2 && foldedId < BigInt(journalId); attempt += 1)
        await (folding ??= fold().finally(() => (folding = undefined)));
    },
  });
}
