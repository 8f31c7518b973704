import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { EconomyChange } from '../domain/economy/diff-economy.ts';
import type { OddsChange, OddsShift } from '../domain/economy/plan-economy.ts';
import { parseEconomy } from '../domain/economy/validate-economy.ts';
import { isLootError } from '../domain/errors.ts';
import { loadConfig } from '../platform/config.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { applyEconomy } from '../store/economy/apply-economy.ts';
import { planEconomy } from '../store/economy/plan-economy.ts';
import { readEconomyHistory } from '../store/economy/reads.ts';

/** `npm run economy -- plan|apply [file]|history`: what a file would change, publishing it, and what was published. */
const defaultFile = 'economies/arena.json';

const describe = (change: EconomyChange): string => {
  if (change.change === 'add') return `+ ${change.pointer} ${canonicalJson(change.after)}`;
  if (change.change === 'remove') return `- ${change.pointer} ${canonicalJson(change.before)}`;
  return `~ ${change.pointer} ${canonicalJson(change.before)} → ${canonicalJson(change.after)}`;
};

function describeOdds({ table, versions, odds, guaranteed, pity }: OddsChange): string[] {
  const version = (of: number | null) => (of === null ? 'none' : `version ${of}`);
  const chance = (of: OddsShift['before']) => (of === null ? 'never' : `${of.percent} % (${of.exact})`);
  const changed = <T>(name: string, before: T, after: T) =>
    String(before) === String(after)
      ? []
      : [`  ${name}: ${String(before ?? 'none')} → ${String(after ?? 'none')}`];
  return [
    `odds of ${table}: ${version(versions.before)} → ${version(versions.after)}`,
    ...odds.map(({ drop, before, after }) => `  ${drop}: ${chance(before)} → ${chance(after)}`),
    ...changed('guaranteed', guaranteed.before.join(', ') || null, guaranteed.after.join(', ') || null),
    ...changed('pity', pity.before, pity.after),
  ];
}

async function plan(db: Db, file: string): Promise<void> {
  const next = parseEconomy(JSON.parse(await readFile(file, 'utf8')));
  const { current, changes, odds, limits, warnings, stranded, conflicts, openMatchCount } = await planEconomy(
    db,
    next,
  );
  const at = current && `version ${current.version} (${current.hash.slice(0, 12)})`;
  console.log(`published: ${at ?? 'nothing yet'}`);
  console.log(changes.length === 0 ? 'no changes' : changes.map(describe).join('\n'));
  odds.flatMap(describeOdds).forEach((line) => console.log(line));
  if (current && limits.length > 0)
    console.log(`caps and fees change: ${limits.map(({ pointer }) => pointer).join(', ')}`);
  if (changes.length > 0 && openMatchCount > 0)
    console.log(`${openMatchCount} open matches are paid by the version they began under`);
  for (const { pointer, detail } of warnings) console.log(`? ${pointer} ${detail}`);
  for (const { pointer, detail } of conflicts) console.log(`! ${pointer} ${detail}`);
  for (const { pointer, detail } of stranded) console.log(`! ${pointer} would be stranded: ${detail}`);
}

async function history(db: Db, limit: number): Promise<void> {
  const rows = await readEconomyHistory(db, { limit });
  if (rows.length === 0) console.log('nothing published yet');
  for (const { version, hash, appliedBy, createdAt } of rows)
    console.log(`${version}  ${hash.slice(0, 12)}  ${createdAt.toISOString()}  ${appliedBy}`);
}

async function apply(
  db: Db,
  file: string,
  options: { actor: string; expectVersion?: string; allowStranded?: boolean },
): Promise<void> {
  const next = parseEconomy(JSON.parse(await readFile(file, 'utf8')));
  const { version, hash, applied } = await applyEconomy(db, next, {
    actor: options.actor,
    allowStranded: options.allowStranded ?? false,
    ...(options.expectVersion !== undefined && { expectVersion: Number(options.expectVersion) }),
  });
  console.log(`${applied ? 'applied' : 'already current'}: version ${version} (${hash.slice(0, 12)})`);
}

async function withDb(work: (db: Db) => Promise<void>): Promise<void> {
  const db = openDb({ url: loadConfig().DATABASE_URL, connectionCountMax: 2, applicationName: 'economy' });
  try {
    await work(db);
  } catch (error) {
    if (!isLootError(error)) throw error;
    console.error(`${error.code}: ${error.message}`);
    for (const { pointer, detail } of error.errors) console.error(`  ${pointer} ${detail}`);
    process.exitCode = 1;
  } finally {
    await db.close();
  }
}

const program = new Command('economy').description(
  'The economy file: what it would change, and publishing it',
);
program
  .command('plan')
  .argument('[file]', 'economy file', defaultFile)
  .action((file: string) => withDb((db) => plan(db, file)));
program
  .command('apply')
  .argument('[file]', 'economy file', defaultFile)
  .option('--actor <name>', 'who publishes it', 'operator:cli')
  .option('--expect-version <number>', 'refuse when another version is current')
  .option('--allow-stranded', 'drop assets and kinds from the file that players hold')
  .action((file: string, options: { actor: string; expectVersion?: string; allowStranded?: boolean }) =>
    withDb((db) => apply(db, file, options)),
  );
program
  .command('history')
  .option('--limit <number>', 'how many versions', '20')
  .action((options: { limit: string }) => withDb((db) => history(db, Number(options.limit))));
await program.parseAsync();
