import { isEqual } from '../../domain/ledger/merkle.ts';
import { must } from '../../domain/must.ts';
import { digestBytes, split } from './hash-run.ts';
import type { HashedJournal } from './hash-run.ts';
import type { StoredBlock } from './reads.ts';

type Named = { table: 'journals' | 'transfers' | 'item_movements'; id: string; what: string };
type Row = HashedJournal['rows'][number];

/** What became of the first thing that differs between what was kept and what is there. */
type Change = { at: number; change: 'gone' | 'added' | 'rewritten' };

/**
 * Names what of a run is not what was sealed, from the hashes that its block keeps: of each journal that differs the first
 * row. Where a journal came or went, the first place alone: behind it nothing stands where it stood.
 */
export function nameDifferences(
  block: Pick<StoredBlock, 'leaves' | 'rowDigests'>,
  journals: readonly HashedJournal[],
): Named[] {
  const { leaves, rowDigests } = block;
  if (leaves.length !== journals.length) return [nameFirst(block, journals)];
  const differing = journals.flatMap(({ leaf }, at) => (isEqual(leaf, leaves[at] ?? nothing) ? [] : [at]));
  const rowCount = journals.reduce((sum, { rows }) => sum + rows.length, 0);
  // rows are counted off from both ends: with several journals of other sizes than they had, nobody knows whose is whose
  const countable = differing.length === 1 || rowCount * digestBytes === rowDigests.length;
  return differing.map((at) => {
    const journal = must(journals[at], 'journal');
    return countable
      ? nameRow(keptDigests(rowDigests, journals, at), journal)
      : { ...named(undefined, journal), what: 'it or its lines were rewritten after they were sealed' };
  });
}

const nothing = new Uint8Array();

function nameFirst(
  block: Pick<StoredBlock, 'leaves' | 'rowDigests'>,
  journals: readonly HashedJournal[],
): Named {
  const { at, change } = firstChange(
    block.leaves,
    journals.map(({ leaf }) => leaf),
  );
  const here = journals[at];
  if (here === undefined || change === 'gone') {
    const before = journals[at - 1]?.journalId;
    return {
      table: 'journals',
      id: here?.journalId.toString() ?? '',
      what: `the journal that stood ${before === undefined ? 'first in the block' : `after ${before}`} is gone`,
    };
  }
  if (change === 'added') {
    const [row] = here.rows;
    return { ...named(row, here), what: 'it was not there when the block was sealed' };
  }
  return nameRow(keptDigests(block.rowDigests, journals, at), here);
}

/** The digests that were kept of one journal: all before and behind it are as they were, so they are counted off. */
function keptDigests(kept: Uint8Array, journals: readonly HashedJournal[], at: number): Uint8Array[] {
  const count = (run: readonly HashedJournal[]) => run.reduce((sum, { rows }) => sum + rows.length, 0);
  const digests = split(kept, digestBytes);
  return digests.slice(count(journals.slice(0, at)), digests.length - count(journals.slice(at + 1)));
}

function nameRow(kept: readonly Uint8Array[], journal: HashedJournal): Named {
  const { rows } = journal;
  const { at, change } = firstChange(
    kept,
    rows.map(({ digest }) => digest),
  );
  const row = rows[at];
  if (change === 'added') return { ...named(row, journal), what: 'the row was not there when it was sealed' };
  if (change === 'rewritten')
    return { ...named(row, journal), what: 'the row was rewritten after it was sealed' };
  const what = `row ${at + 1} of ${kept.length} of journal ${journal.journalId} is gone`;
  return { ...named(at === 0 ? undefined : (row ?? rows[at - 1]), journal), what };
}

const named = (row: Row | undefined, { journalId }: HashedJournal): Omit<Named, 'what'> => ({
  table: row?.table ?? 'journals',
  id: row?.id ?? journalId.toString(),
});

/** Looks one place ahead: what comes next here stood at this place, or the other way round. */
function firstChange(kept: readonly Uint8Array[], now: readonly Uint8Array[]): Change {
  const same = (a: Uint8Array | undefined, b: Uint8Array | undefined) =>
    a !== undefined && b !== undefined && isEqual(a, b);
  let at = 0;
  while (same(kept[at], now[at])) at += 1;
  if (now.length < kept.length && (at >= now.length || same(now[at], kept[at + 1])))
    return { at, change: 'gone' };
  if (now.length > kept.length && (at >= kept.length || same(now[at + 1], kept[at])))
    return { at, change: 'added' };
  return { at, change: 'rewritten' };
}
