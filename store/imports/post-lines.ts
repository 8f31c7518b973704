import type { EconomyVersion } from '../economy/reads.ts';
import type { EventContext } from '../../domain/events.ts';
import { LootError, isLootError } from '../../domain/errors.ts';
import { importJournal } from '../../domain/imports/import-journal.ts';
import type { ImportContent, ImportPlayer } from '../../domain/imports/parse-line.ts';
import type { JournalCause, NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { isPosted } from '../../domain/ledger/types.ts';
import { asLootError } from '../../domain/market/refused.ts';
import { must } from '../../domain/must.ts';
import type { Db, Tx } from '../db.ts';
import { findOutsized } from '../grants/find-outsized.ts';
import { postGrants } from '../grants/post-grants.ts';
import { retryConcurrent } from '../ledger/retry-concurrent.ts';
import { sha256 } from '../matches/sha256.ts';
import { resolvePlayers } from '../players/resolve-players.ts';

export type LineToPost = { line: number; player: ImportPlayer; content: ImportContent };
/** `waiting`: a closed valve or a full cap stands in the way; the same line may be posted later. */
export type PostedLine = { line: number } & (
  | { status: 'posted'; replayed: boolean }
  | { status: 'refused' | 'waiting'; code: string; detail: string }
);

/**
 * Posts some lines of an import, each on its own and once for ever under `import:<batch>:<line>`: a line that was posted
 * before, by a run that was killed, is met. New players get what they bring and no welcome. `record` runs in the posting
 * transaction.
 */
export async function postLines(
  db: Db,
  published: EconomyVersion,
  batch: string,
  lines: readonly LineToPost[],
  {
    cause,
    context = {},
    record = () => Promise.resolve(),
  }: {
    cause: JournalCause;
    context?: EventContext;
    record?: (tx: Tx, results: readonly PostedLine[]) => Promise<void>;
  },
): Promise<PostedLine[]> {
  const names = lines.map(({ player }) => player);
  const playerIds = await resolvePlayers(db, names, { context, welcome: false });
  const drafts = lines.map(({ line, content }, index) =>
    draftOf(published, { batch, line, content, playerId: playerIds[index] ?? null }, cause),
  );
  const journals = drafts.filter((draft): draft is NewJournal => !isLootError(draft));
  return retryConcurrent(() =>
    db.transaction(async (tx) => {
      // answers come in the order of the journals
      const posted = await postGrants(tx, journals, context);
      const outsized = await findOutsized(tx, journals, posted);
      const answers = posted.values();
      const results = drafts.map((draft, index): PostedLine => {
        const { line } = must(lines[index], 'line');
        if (isLootError(draft)) return { line, status: 'refused', code: draft.code, detail: draft.message };
        return { line, ...resultOf(must(answers.next().value, 'answer'), outsized.has(draft.key)) };
      });
      await record(tx, results);
      return results;
    }),
  );
}

function draftOf(
  published: EconomyVersion,
  line: { batch: string; line: number; content: ImportContent; playerId: string | null },
  cause: JournalCause,
): NewJournal | LootError {
  const { playerId } = line;
  if (playerId === null) return new LootError('unknown_account', 'There is no player with this id.');
  try {
    return importJournal(published, { ...line, playerId }, cause, sha256);
  } catch (error) {
    if (!isLootError(error)) throw error;
    return error;
  }
}

function resultOf(result: PostResult, isOutsized: boolean) {
  if (isPosted(result)) return { status: 'posted' as const, replayed: result.replayed };
  const { code, message } = asLootError(result);
  if (isOutsized)
    return {
      status: 'refused' as const,
      code,
      detail: `The line alone is more than a day's cap: ${message}.`,
    };
  const isPatient = result.result === 'frozen' || result.result === 'limit_exceeded';
  return { status: isPatient ? ('waiting' as const) : ('refused' as const), code, detail: message };
}
