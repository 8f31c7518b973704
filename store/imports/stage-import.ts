import { createHash, randomUUID } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Economy } from '../../domain/economy/types.ts';
import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { checkImport } from '../../domain/imports/check-import.ts';
import type { ImportSums } from '../../domain/imports/check-import.ts';
import type { ImportContent, ImportPlayer } from '../../domain/imports/parse-line.ts';
import type { TextLine } from '../../platform/read-lines.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { deleteLines, openImport } from './open-import.ts';
import type { NewImport } from './open-import.ts';
import { findImport } from './reads.ts';
import type { ImportRow } from './reads.ts';

type Staged = { line: number; player: ImportPlayer; content: ImportContent };
type Upload = { importId: string; token: string; actor: string };

/** One statement's worth: large enough to keep up with a network, small enough to hold in memory. */
const chunkCountMax = 1_000;
const lineCountMax = 1_000_000;

/**
 * Takes an import in line by line, holding no more than a chunk of it, and checks it as a whole before anything may be
 * posted. The next chunk is not read before the last one is stored. The same import again, complete, is answered as it
 * stands. What is refused leaves nothing behind.
 *
 * Throws `validation_failed` naming bad lines, `import_totals_differ`, `exists_with_different_body` when the batch was
 * another file, `request_in_flight` when a newer upload of it took over, `payload_too_large`.
 */
export async function stageImport(
  db: Db,
  wanted: NewImport,
  { economy, lines, context }: { economy: Economy; lines: AsyncIterable<TextLine>; context: EventContext },
): Promise<ImportRow> {
  const opened = await openImport(db, wanted);
  const hash = createHash('sha256');
  if (opened.state === 'known') {
    for await (const line of lines) hashLine(hash, line);
    if (hash.digest('hex') === opened.row.bodyHash) return opened.row;
    throw new LootError('exists_with_different_body', `The batch ${wanted.batch} was another file.`);
  }
  const upload: Upload = { ...opened, actor: wanted.actor };
  try {
    const { lineCount, totals } = await stageLines(db, upload, economy, lines, hash);
    await endStaging(db, upload, { lineCount, totals, bodyHash: hash.digest('hex') }, context);
  } catch (error) {
    // the first error is the one to tell; what stays is pruned
    await discard(db, upload).catch(() => {});
    throw error;
  }
  const row = await findImport(db, opened.importId);
  if (row === null) throw new Error('an import vanished after it was staged');
  return row;
}

async function stageLines(
  db: Db,
  upload: Upload,
  economy: Economy,
  lines: AsyncIterable<TextLine>,
  hash: Hash,
): Promise<{ lineCount: number; totals: ImportSums }> {
  const check = checkImport(economy);
  let chunk: Staged[] = [];
  for await (const line of lines) {
    if (line.number > lineCountMax)
      throw new LootError('payload_too_large', `An import has at most ${lineCountMax} lines.`);
    hashLine(hash, line);
    if ('unreadable' in line) {
      check.addUnreadable(line.number, line.unreadable);
      continue;
    }
    const parsed = check.add(line.number, line.text);
    if (parsed.type !== 'line') continue;
    chunk.push({ line: line.number, player: parsed.player, content: parsed.content });
    if (chunk.length < chunkCountMax) continue;
    await insertLines(db, upload, chunk);
    chunk = [];
  }
  const checked = check.end();
  await insertLines(db, upload, chunk);
  return checked;
}

/** Of lines, not of bytes: how they were ended or cut into chunks does not make another file. */
function hashLine(hash: Hash, line: TextLine): void {
  hash.update('text' in line ? line.text : `\0${line.unreadable}`).update('\n');
}

async function insertLines(db: Db, { importId, token }: Upload, lines: readonly Staged[]): Promise<void> {
  if (lines.length === 0) return;
  const { rowCount } = await db.query(
    `WITH mine AS (
       SELECT id FROM imports WHERE id = $1 AND staging_token = $2 AND status = 'staging' FOR SHARE
     )
     INSERT INTO import_lines (import_id, line, player, content)
     SELECT mine.id, l.line, l.player, l.content
     FROM mine, unnest($3::int[], $4::jsonb[], $5::jsonb[]) AS l(line, player, content)`,
    [
      importId,
      token,
      lines.map(({ line }) => line),
      lines.map(({ player }) => JSON.stringify(player)),
      lines.map(({ content }) => JSON.stringify(content)),
    ],
  );
  if (rowCount === 0) throw overtaken();
}

async function endStaging(
  db: Db,
  { importId, token, actor }: Upload,
  { lineCount, totals, bodyHash }: { lineCount: number; totals: ImportSums; bodyHash: string },
  context: EventContext,
): Promise<void> {
  await db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE imports SET status = 'posting', line_count = $3, totals = $4, body_hash = $5
       WHERE id = $1 AND staging_token = $2 AND status = 'staging'`,
      [importId, token, lineCount, JSON.stringify(totals), bodyHash],
    );
    if (rowCount === 0) throw overtaken();
    // nothing is staged beside the row's lock: what was checked and what will be posted must be the same lines
    const { rows } = await tx.query<{ count: bigint }>(
      'SELECT count(*) FROM import_lines WHERE import_id = $1',
      [importId],
    );
    if (rows[0]?.count !== BigInt(lineCount)) throw overtaken();
    const detail = { lineCount, assets: totals.assets, items: totals.items };
    await appendAudit(tx, { actor, action: 'import.staged', target: importId, detail }, context);
  });
}

/**
 * Of this upload only; what a newer one has staged is its own. The token goes first, so that nothing of this upload is
 * staged behind the back of the deletion.
 */
async function discard(db: Db, { importId, token }: Upload): Promise<void> {
  const mine = randomUUID();
  const { rowCount } = await db.query(
    "UPDATE imports SET staging_token = $3 WHERE id = $1 AND staging_token = $2 AND status = 'staging'",
    [importId, token, mine],
  );
  if (rowCount === 0) return;
  await deleteLines(db, { importId, token: mine });
  await db.query("DELETE FROM imports WHERE id = $1 AND staging_token = $2 AND status = 'staging'", [
    importId,
    mine,
  ]);
}

const overtaken = (): LootError =>
  new LootError('request_in_flight', 'A newer upload of this import has taken its place.');
