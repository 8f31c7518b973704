import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { allHandlers } from '../events/handlers/index.ts';
import { reconcile } from '../events/reconcile/reconcile.ts';
import type { Reconciled } from '../events/reconcile/reconcile.ts';
import { loadConfig } from '../platform/config.ts';
import type { Config } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { openTemporal } from '../platform/temporal.ts';
import { openDb } from '../store/db.ts';
import { listConnected } from '../store/epoch/connected.ts';
import { raiseEpoch } from '../store/epoch/raise-epoch.ts';
import { brokerFrom, openEvents } from '../workers/open-events.ts';

/**
 * `npm run ledger-epoch -- raise|reconcile --since <time>`: after PostgreSQL was restored to an earlier moment. `raise` says
 * so to everybody and reconciles; `reconcile` alone continues a run that broke off. Both while no process is connected.
 */
type Options = { since: string; actor: string; reason: string; lost?: string };

async function run(config: Config, { since, actor, reason, lost }: Options, raise: boolean): Promise<void> {
  const sinceMs = Date.parse(since);
  if (Number.isNaN(sinceMs))
    throw new Refusal(`--since ${since} is no time; give one as 2026-11-21T12:00:00Z`);
  const connected = await listConnected(config.DATABASE_URL);
  if (connected.length > 0)
    throw new Refusal(`stop every process first; still connected to the database: ${connected.join(', ')}`);

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
    if (raise) console.log(`the ledger's epoch is ${await raiseEpoch(db, { actor, reason })}`);
    const events = await openEvents({ config, db }, broker);
    const handlers = allHandlers({ db, temporal, metrics: createMetrics(), log });
    const reviewLimitMs = config.TRADE_REVIEW_LIMIT_MS;
    const done = await reconcile({ db, temporal, handlers, reviewLimitMs, ...events }, sinceMs);
    report(done);
    if (lost !== undefined) await writeFile(lost, ndjson(done));
  } finally {
    await Promise.allSettled([broker.close(), temporal.close(), db.close()]);
  }
}

class Refusal extends Error {}

function report({ lost, restoredMatches, refusedMatches, restarted, unreadableCount }: Reconciled): void {
  const kinds = Map.groupBy(lost, ({ kind }) => kind);
  console.log(`journals lost: ${lost.length}`);
  for (const [kind, journals] of kinds) console.log(`  ${kind}: ${journals.length}`);
  console.log(`match results put back: ${restoredMatches}`);
  for (const { matchId, reason } of refusedMatches) console.log(`  not ${matchId}: ${reason}`);
  console.log(
    `stories started again: ${restarted.rewards} rewards, ${restarted.trades} trades, ${restarted.clawbacks} clawbacks, ${restarted.imports} imports`,
  );
  console.log(`open matches ended: ${restarted.matches}`);
  if (unreadableCount > 0) console.log(`events that could not be read: ${unreadableCount}`);
  console.log('consumer groups read again from there; start the processes now');
}

const ndjson = ({ lost }: Reconciled): string =>
  lost
    .map((journal) => `${JSON.stringify({ ...journal, journalId: journal.journalId.toString() })}\n`)
    .join('');

const act = (raise: boolean) => async (options: Options) => {
  try {
    await run(loadConfig(), options, raise);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
};

const program = new Command('ledger-epoch').description('After PostgreSQL was restored to an earlier moment');
for (const [name, description] of [
  ['raise', 'raise the epoch, name what was lost, repair what can be repaired'],
  ['reconcile', 'the same again without raising: a run that broke off, or a second look'],
] as const)
  program
    .command(name)
    .description(description)
    .requiredOption('--since <time>', 'the restored moment or some minutes before it')
    .option('--actor <name>', 'who does it', 'operator:cli')
    .option('--reason <text>', 'for the audit', 'restored from a backup')
    .option('--lost <file>', 'write every lost journal to this file, a JSON object per line')
    .action(act(name === 'raise'));
await program.parseAsync();
