import { must } from '../../domain/must.ts';
import { closeFinding } from '../findings/close-finding.ts';
import { openFinding } from '../findings/open-finding.ts';
import type { Db, Queryable, Tx } from '../db.ts';

/** A journal that Kafka was told of and the database does not know. */
export type LostJournal = { epoch: number; journalId: bigint; key: string; kind: string; time: string };

/** Which of these business keys have no journal. One that was posted again since then is not lost. */
export async function missingKeys(on: Queryable, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await on.query<{ key: string }>(
    'SELECT k.key FROM unnest($1::text[]) AS k(key) WHERE NOT EXISTS (SELECT 1 FROM journals j WHERE j.key = k.key)',
    [keys],
  );
  return new Set(rows.map(({ key }) => key));
}

const rule = 'journals_lost';
const namedCountMax = 100;

type Detail = {
  count: number;
  firstJournalId: string;
  lastJournalId: string;
  from: string;
  to: string;
  keys: string[];
};

/**
 * One finding per epoch and kind of journal that was lost: how many, which range of ids, from when to when, and the first
 * keys. `lost` is everything told since `sinceMs`; a finding of which nothing is missing any more is closed.
 */
export async function recordLostJournals(
  db: Db,
  lost: readonly LostJournal[],
  sinceMs: number,
): Promise<void> {
  const bySubject = Map.groupBy(lost, ({ epoch, kind }) => `epoch ${epoch}: ${kind}`);
  await db.transaction(async (tx) => {
    for (const [subject, journals] of bySubject)
      await openFinding(tx, { rule, subject, detail: describe(journals) }, { acknowledged: true });
    const { rows } = await tx.query<{ subject: string; detail: Detail }>(
      'SELECT subject, detail FROM findings WHERE rule = $1 AND closed_at IS NULL',
      [rule],
    );
    for (const { subject, detail } of rows)
      if (!bySubject.has(subject) && (await isBack(tx, detail, sinceMs)))
        await closeFinding(tx, { rule, subject });
  });
}

function describe(journals: readonly LostJournal[]): Detail {
  const ordered = journals.toSorted((a, b) => (a.journalId < b.journalId ? -1 : 1));
  const [first, last] = [must(ordered[0], 'first'), must(ordered.at(-1), 'last')];
  return {
    count: journals.length,
    firstJournalId: first.journalId.toString(),
    lastJournalId: last.journalId.toString(),
    from: first.time,
    to: last.time,
    keys: ordered.slice(0, namedCountMax).map(({ key }) => key),
  };
}

/** What was looked at says nothing of journals from before it: then a finding has to name every key. */
async function isBack(tx: Tx, { count, keys, from }: Detail, sinceMs: number): Promise<boolean> {
  const isSeenWhole = count === keys.length || Date.parse(from) >= sinceMs;
  return isSeenWhole && (await missingKeys(tx, keys)).size === 0;
}
