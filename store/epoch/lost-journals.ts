import { must } from '../../domain/must.ts';
import { closeFinding } from '../findings/close-finding.ts';
import { openFinding } from '../findings/open-finding.ts';
import type { Db, Queryable } from '../db.ts';

/** A journal that Kafka was told of and the database does not know. */
export type LostJournal = { journalId: bigint; key: string; kind: string; time: string };

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

/**
 * One finding per kind of journal that was lost: how many, which range of ids, from when to when, and the first keys. Those
 * of which nothing is missing any more are closed.
 */
export async function recordLost(db: Db, epoch: number, lost: readonly LostJournal[]): Promise<void> {
  const kinds = Map.groupBy(lost, ({ kind }) => kind);
  const subjectOf = (kind: string) => `epoch ${epoch}: ${kind}`;
  await db.transaction(async (tx) => {
    for (const [kind, journals] of kinds) {
      const ordered = journals.toSorted((a, b) => (a.journalId < b.journalId ? -1 : 1));
      const [first, last] = [must(ordered[0], 'first'), must(ordered.at(-1), 'last')];
      await openFinding(tx, {
        rule,
        subject: subjectOf(kind),
        detail: {
          count: journals.length,
          firstJournalId: first.journalId.toString(),
          lastJournalId: last.journalId.toString(),
          from: first.time,
          to: last.time,
          keys: ordered.slice(0, namedCountMax).map(({ key }) => key),
        },
      });
    }
    const { rows } = await tx.query<{ subject: string }>(
      'SELECT subject FROM findings WHERE rule = $1 AND closed_at IS NULL AND starts_with(subject, $2)',
      [rule, subjectOf('')],
    );
    for (const { subject } of rows)
      if (!kinds.has(subject.slice(subjectOf('').length))) await closeFinding(tx, { rule, subject });
  });
}
