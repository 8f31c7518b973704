import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Economy } from '../domain/economy/types.ts';
import { isLootError } from '../domain/errors.ts';
import { checkImport } from '../domain/imports/check-import.ts';
import { parseImportLine } from '../domain/imports/parse-line.ts';
import type { ImportTotals } from '../domain/imports/parse-line.ts';
import { loadConfig } from '../platform/config.ts';
import { createCrashPoints } from '../platform/crash-points.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import { readLines } from '../platform/read-lines.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { currentEconomy } from '../store/economy/reads.ts';
import type { EconomyVersion } from '../store/economy/reads.ts';
import { postLines } from '../store/imports/post-lines.ts';
import type { LineToPost, PostedLine } from '../store/imports/post-lines.ts';

/**
 * `npm run import -- wallets.ndjson`: reads the file twice. The first time everything is checked and added up, and nothing
 * is posted when a line is bad or the totals differ. The second time the lines are posted, each under its own key for ever:
 * a run that was killed is run again and goes on where it was.
 */
const lineBytesMax = 64 * 1024;
const chunkCountMax = 100;
const saidLineCountMax = 100;

type Options = { dryRun?: boolean; batch?: string; expect?: ImportTotals };

const linesOf = (file: string) => readLines(createReadStream(file), { lineBytesMax });

async function check(file: string, economy: Economy, expected: ImportTotals | undefined): Promise<void> {
  const checking = checkImport(economy);
  for await (const line of linesOf(file)) {
    if ('text' in line) checking.add(line.number, line.text);
    else checking.addUnreadable(line.number, line.unreadable);
  }
  const { lineCount, totals, declared } = checking.end(expected);
  console.log(`checked: ${lineCount} lines`);
  for (const [asset, amount] of Object.entries(totals.assets)) console.log(`  ${amount} ${asset}`);
  for (const [kind, count] of Object.entries(totals.items)) console.log(`  ${count} × ${kind}`);
  const isCompared = declared !== null || expected !== undefined;
  console.log(isCompared ? 'totals: as declared' : 'totals: none declared, none compared');
}

type LineToLeave = PostedLine & { status: 'refused' };

/** `left`: lines that were good when they were checked; they are told, not skipped. */
async function* chunksOf(
  file: string,
  economy: Economy,
): AsyncGenerator<{ lines: LineToPost[]; left: LineToLeave[] }> {
  let chunk = { lines: [] as LineToPost[], left: [] as LineToLeave[] };
  for await (const line of linesOf(file)) {
    const parsed = 'text' in line ? parseImportLine(line.text, economy) : null;
    if (parsed?.type === 'blank' || parsed?.type === 'totals') continue;
    if (parsed?.type === 'line')
      chunk.lines.push({ line: line.number, player: parsed.player, content: parsed.content });
    else chunk.left.push(changed(line.number));
    if (chunk.lines.length + chunk.left.length < chunkCountMax) continue;
    yield chunk;
    chunk = { lines: [], left: [] };
  }
  if (chunk.lines.length + chunk.left.length > 0) yield chunk;
}

const changed = (line: number): LineToLeave => ({
  line,
  status: 'refused',
  code: 'validation_failed',
  detail: 'the line is no longer what was checked',
});

/** Under the economy that the file was checked under: a newer one that knows less must not drop lines. */
export async function postFile(
  db: Db,
  file: string,
  batch: string,
  { published, crash = () => {} }: { published: EconomyVersion; crash?: CrashPoints },
): Promise<boolean> {
  const counts = { posted: 0, before: 0, left: 0 };
  for await (const { lines, left } of chunksOf(file, published.economy)) {
    const cause = { actor: 'cli:import', step: `batch ${batch}` };
    const results = lines.length === 0 ? [] : await postLines(db, published, batch, lines, { cause });
    crash('after-import-chunk-before-progress');
    for (const result of [...results, ...left]) count(counts, result);
  }
  const { posted, before, left } = counts;
  console.log(`batch ${batch}: ${posted} lines posted, ${before} of them by an earlier run; ${left} left`);
  return left === 0;
}

function count(counts: { posted: number; before: number; left: number }, result: PostedLine): void {
  if (result.status === 'posted') {
    counts.posted += 1;
    if (result.replayed) counts.before += 1;
    return;
  }
  counts.left += 1;
  if (counts.left <= saidLineCountMax) console.log(`! line ${result.line}: ${result.code}: ${result.detail}`);
}

async function run(file: string, { dryRun, batch, expect }: Options): Promise<void> {
  const config = loadConfig();
  const db = openDb({ url: config.DATABASE_URL, connectionCountMax: 2, applicationName: 'import' });
  try {
    const published = await currentEconomy(db);
    await check(file, published.economy, expect);
    if (dryRun === true) return console.log('dry run: nothing was posted');
    const name = batch ?? parseBatch(path.parse(file).name);
    const crash = createCrashPoints(config.CRASH_POINT);
    const isComplete = await postFile(db, file, name, { published, crash });
    if (!isComplete) process.exitCode = 1;
  } catch (error) {
    if (!isLootError(error)) throw error;
    console.error(`${error.code}: ${error.message}`);
    for (const { detail } of error.errors) console.error(`  ${detail}`);
    process.exitCode = 1;
  } finally {
    await db.close();
  }
}

function parseExpected(text: string): ImportTotals {
  const assets: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [, asset, amount] = /^([a-z][a-z0-9_]*)=(0|[1-9][0-9]*)$/.exec(part.trim()) ?? [];
    if (asset === undefined || amount === undefined)
      throw new InvalidArgumentError('is like gold=900,stamp=12');
    assets[asset] = amount;
  }
  return { assets };
}

function parseBatch(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text))
    throw new InvalidArgumentError('is 1 to 100 letters, digits, dots, dashes or underscores');
  return text;
}

const command = new Command('import')
  .description('Bring wallets in from a file of lines {"player", "assets"?, "items"?}')
  .argument('<file>', 'one JSON object a line; the first or last may be {"totals": {"gold": "900"}}')
  .option('--dry-run', 'check everything and show the totals, post nothing')
  .option(
    '--batch <name>',
    'the name under which each line is unique for ever (default: the file)',
    parseBatch,
  )
  .option('--expect <totals>', 'what the lines must add up to, like gold=900,stamp=12', parseExpected)
  .action(run);

if (import.meta.main) await command.parseAsync();
