import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import type { JournalCause } from '../../domain/ledger/types.ts';
import { must } from '../../domain/must.ts';
import type { Db, Tx } from '../db.ts';
import { currentEconomy } from '../economy/reads.ts';
import { postLines } from './post-lines.ts';
import type { LineToPost, PostedLine } from './post-lines.ts';
import { findImport } from './reads.ts';

/**
 * `lastLine` null: there was no line left after the given one. `waitsFor`: why some of these lines wait, if they do;
 * `isStuck`: all of them do.
 */
export type ImportChunk = {
  lastLine: number | null;
  postedCount: number;
  refusedCount: number;
  waitsFor: string | null;
  isStuck: boolean;
};

/** Well within a transaction's time, also when every line brings a hundred items. */
const chunkCountMax = 100;

/**
 * Posts the next waiting lines of a staged import and records each in the same transaction, so that counts and books agree.
 * Done again, also at the same time, it meets what was posted and counts it once. Who the lines were for is forgotten with
 * them. Throws `not_found`.
 */
export async function postImportChunk(
  db: Db,
  { importId, afterLine }: { importId: string; afterLine: number },
  cause: JournalCause,
  context: EventContext = {},
): Promise<ImportChunk> {
  const row = await findImport(db, importId);
  // one that stages again, because the database was restored, is no longer what the story was started for
  if (row === null || row.status === 'staging')
    throw new LootError('not_found', `There is no staged import ${importId}.`);
  const { rows: lines } = await db.query<LineToPost>(
    `SELECT line, player, content FROM import_lines
     WHERE import_id = $1 AND status = 'waiting' AND line > $2 ORDER BY line LIMIT $3`,
    [importId, afterLine, chunkCountMax],
  );
  if (lines.length === 0)
    return { lastLine: null, postedCount: 0, refusedCount: 0, waitsFor: null, isStuck: false };
  const results = await postLines(db, await currentEconomy(db), row.batch, lines, {
    cause,
    context,
    record: (tx, posted) => record(tx, importId, posted),
  });
  const [waitsFor = null] = results.flatMap((result) => (result.status === 'waiting' ? [result.detail] : []));
  return {
    lastLine: must(lines.at(-1), 'line').line,
    postedCount: results.filter(({ status }) => status === 'posted').length,
    refusedCount: results.filter(({ status }) => status === 'refused').length,
    waitsFor,
    isStuck: results.every(({ status }) => status === 'waiting'),
  };
}

/** Only lines that still wait are counted: of two runs of one chunk the second finds none. */
async function record(tx: Tx, importId: string, results: readonly PostedLine[]): Promise<void> {
  const over = results.filter(({ status }) => status !== 'waiting');
  await tx.query(
    `WITH over AS (
       UPDATE import_lines l SET status = r.status, code = r.code, detail = r.detail, player = NULL
       FROM unnest($2::int[], $3::text[], $4::text[], $5::text[]) AS r(line, status, code, detail)
       WHERE l.import_id = $1 AND l.line = r.line AND l.status = 'waiting'
       RETURNING l.status
     )
     UPDATE imports SET posted_count = posted_count + (SELECT count(*) FROM over WHERE status = 'posted'),
       refused_count = refused_count + (SELECT count(*) FROM over WHERE status = 'refused')
     WHERE id = $1`,
    [
      importId,
      over.map(({ line }) => line),
      over.map(({ status }) => status),
      over.map((result) => ('code' in result ? result.code : null)),
      over.map((result) => ('detail' in result ? result.detail : null)),
    ],
  );
}
