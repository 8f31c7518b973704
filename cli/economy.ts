import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { canonicalJson } from '../domain/canonical-json.ts';
import { diffEconomy } from '../domain/economy/diff-economy.ts';
import type { EconomyChange } from '../domain/economy/diff-economy.ts';
import { parseEconomy } from '../domain/economy/validate-economy.ts';
import { isLootError } from '../domain/errors.ts';
import { loadConfig } from '../platform/config.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { applyEconomy } from '../store/economy/apply-economy.ts';
import { findStranded } from '../store/economy/find-stranded.ts';
import { findCurrentEconomy } from '../store/economy/reads.ts';

/** `npm run economy -- plan|apply [file]`: what a file would change, and publishing it as the next version. */
const defaultFile = 'economies/arena.json';

const describe = (change: EconomyChange): string => {
  if (change.change === 'add') return `+ ${change.pointer} ${canonicalJson(change.after)}`;
  if (change.change === 'remove') return `- ${change.pointer} ${canonicalJson(change.before)}`;
  return `~ ${change.pointer} ${canonicalJson(change.before)} → ${canonicalJson(change.after)}`;
};

async function plan(db: Db, file: string): Promise<void> {
  const next = parseEconomy(JSON.parse(await readFile(file, 'utf8')));
  const current = await findCurrentEconomy(db);
  const changes = diffEconomy(current?.economy ?? null, next);
  console.log(
    current
      ? `published: version ${current.version} (${current.hash.slice(0, 12)})`
      : 'published: nothing yet',
  );
  console.log(changes.length === 0 ? 'no changes' : changes.map(describe).join('\n'));
  for (const { pointer, detail } of await findStranded(db, next))
    console.log(`! ${pointer} would be stranded: ${detail}`);
}

async function apply(
  db: Db,
  file: string,
  options: { actor: string; expectVersion?: string },
): Promise<void> {
  const next = parseEconomy(JSON.parse(await readFile(file, 'utf8')));
  const { version, hash, applied } = await applyEconomy(db, next, {
    actor: options.actor,
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
  .action((file: string, options: { actor: string; expectVersion?: string }) =>
    withDb((db) => apply(db, file, options)),
  );
await program.parseAsync();
