import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { allHandlers } from '../events/handlers/index.ts';
import { newestEpochTold } from '../events/reconcile/read-old-epochs.ts';
import { lookAgain, reconcile } from '../events/reconcile/reconcile.ts';
import type { Looked, Reconciled } from '../events/reconcile/reconcile.ts';
import { loadConfig } from '../platform/config.ts';
import type { Config } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { openTemporal } from '../platform/temporal.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { listConnected } from '../store/epoch/connected.ts';
import { raiseEpoch } from '../store/epoch/raise-epoch.ts';
import { isReconciled } from '../store/epoch/reconciled.ts';
import { brokerFrom, openEvents } from '../workers/open-events.ts';

/**
 * `npm run ledger-epoch -- raise|reconcile|look --since <time>`: after PostgreSQL was restored to an earlier moment. `raise`
 * says so to everybody and reconciles; `reconcile` goes on with that when it broke off. Both while no process is connected.
 * `look` counts again what is missing, at any time afterwards.
 */
type Verb = 'raise' | 'reconcile' | 'look';
type Options = { since: string; actor: string; reason: string; lost?: string };

class Refusal extends Error {}

async function run(config: Config, verb: Verb, { since, actor, reason, lost }: Options): Promise<void> {
  const sinceMs = Date.parse(since);
  if (Number.isNaN(sinceMs))
    throw new Refusal(`--since ${since} is no time; give one as 2026-11-21T12:00:00Z`);
  const connected = verb === 'look' ? [] : await listConnected(config.DATABASE_URL);
  const log = createLog('ledger-epoch', 'error');
  const db = openDb({
    url: config.DATABASE_URL,
    connectionCountMax: 2,
    applicationName: 'lootledger-epoch',
  });
  const broker = brokerFrom(config, log, 'lootledger-epoch');
  const temporal = openTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    uiUrl: config.TEMPORAL_UI_URL,
  });
  try {
    await refuseIfWrong(db, verb, connected);
    const events = await openEvents({ config, db }, broker);
    const deps = { db, ...events };
    if (verb === 'raise') {
      const told = await newestEpochTold(events, 'audit.trail', sinceMs);
      const ledgerEpoch = await raiseEpoch(db, { actor, reason, told });
      console.log(`the ledger's epoch is ${ledgerEpoch}`);
      deps.origin = { ...events.origin, ledgerEpoch };
    }
    const handlers = allHandlers({ db, temporal, metrics: createMetrics(), log });
    const reviewLimitMs = config.TRADE_REVIEW_LIMIT_MS;
    const again = { ...deps, temporal, handlers, reviewLimitMs, actor };
    const repaired = verb === 'look' ? null : await reconcile(again, sinceMs);
    const looked = repaired ?? (await lookAgain(deps, sinceMs));
    reportLost(looked);
    if (repaired !== null) reportRepaired(repaired);
    if (lost !== undefined) await writeFile(lost, ndjson(looked));
  } finally {
    await Promise.allSettled([broker.close(), temporal.close(), db.close()]);
  }
}

async function refuseIfWrong(db: Db, verb: Verb, connected: readonly string[]): Promise<void> {
  const done = await isReconciled(db);
  if (verb === 'look' && !done)
    throw new Refusal('this epoch was not reconciled; after a restore begin with raise');
  // it would end matches that are played now, and start stories that run
  if (verb === 'reconcile' && done) throw new Refusal('this epoch was reconciled to the end; use look');
  if (connected.length > 0)
    throw new Refusal(`stop every process first; still connected to the database: ${connected.join(', ')}`);
}

function reportLost({ lost, matches }: Looked): void {
  const kinds = Map.groupBy(lost.journals, ({ kind }) => kind);
  console.log(`journals lost: ${lost.journals.length}`);
  for (const [kind, journals] of kinds) console.log(`  ${kind}: ${journals.length}`);
  console.log(`operators' actions lost: ${lost.actions.length}`);
  for (const { action, target, actor } of lost.actions) console.log(`  ${action} ${target}, by ${actor}`);
  console.log(`match results put back: ${matches.restored.length}`);
  for (const { matchId, reason } of matches.refused) console.log(`  not ${matchId}: ${reason}`);
  const unreadableCount = lost.unreadableCount + matches.unreadableCount;
  if (unreadableCount > 0) console.log(`events that could not be read: ${unreadableCount}`);
}

function reportRepaired({ erasedAgain, endedCount, restarted }: Reconciled): void {
  const { rewards, trades, clawbacks, imports, matches } = restarted;
  console.log(`players erased again: ${erasedAgain.playerCount}`);
  for (const id of erasedAgain.letterIds) console.log(`  the dead letter ${id} names one of them`);
  console.log(
    `stories started again: ${rewards} rewards, ${trades} trades, ${clawbacks} clawbacks, ${imports} imports`,
  );
  console.log(`stories of lost rows ended: ${endedCount}`);
  console.log(`open matches ended: ${matches}`);
  console.log('consumer groups read again from there; start the processes now');
}

const ndjson = ({ lost }: Looked): string =>
  [
    ...lost.journals.map((journal) => ({ ...journal, journalId: journal.journalId.toString() })),
    ...lost.actions,
  ]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');

const act = (verb: Verb) => async (options: Options) => {
  try {
    await run(loadConfig(), verb, options);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
};

const program = new Command('ledger-epoch').description('After PostgreSQL was restored to an earlier moment');
for (const [verb, description] of [
  ['raise', 'raise the epoch, name what was lost, repair what can be repaired'],
  ['reconcile', 'go on with a raise that broke off'],
  ['look', 'count again what is missing, beside running processes'],
] as const)
  program
    .command(verb)
    .description(description)
    .requiredOption('--since <time>', 'some minutes before the restored moment, and before the largest lag')
    .option('--actor <name>', 'who does it', 'operator:cli')
    .option('--reason <text>', 'for the audit', 'restored from a backup')
    .option('--lost <file>', 'write everything lost to this file, a JSON object per line')
    .action(act(verb));
await program.parseAsync();
