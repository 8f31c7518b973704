import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { preferredPort } from '../../stack/ports.ts';
import { createChildren } from '../children.ts';
import type { Children, Settings } from '../children.ts';
import type { Servers } from '../servers.ts';
import type { Telling } from '../story.ts';

/** Long enough for six players to arrive on a busy machine; the sixth starts the match at once. Bots end it in seconds. */
const lobbyMs = 10_000;
/** Small enough that the demo's second sale goes to review. */
const tradeReviewPrice = 1_000;
const usualApiPort = 8_080;

/** The commands an operator runs before the first start. */
export async function prepare(servers: Servers, telling: Telling): Promise<Children> {
  const { output, onClose, onLogs, once } = telling;
  const logDir = await newLogDir(join(servers.dir, 'logs'));
  onLogs(logDir);
  const children = createChildren(logDir, await settingsFor(servers, once));
  onClose(() => children.stopAll());
  output.line(`  migrate: ${await children.runCommand('migrate', ['cli/migrate.ts'])}`);
  output.line(
    `  economy: ${await children.runCommand('economy', ['cli/economy.ts', 'apply', 'economies/arena.json'])}`,
  );
  return children;
}

/** What the processes are told; the rest is default. */
async function settingsFor({ stack }: Servers, once: boolean): Promise<Settings> {
  const apiPort = once ? 0 : await preferredPort(usualApiPort);
  return {
    DATABASE_URL: stack.databaseUrl,
    KAFKA_BROKERS: stack.kafkaBrokers.join(','),
    TEMPORAL_ADDRESS: stack.temporalAddress,
    ...(stack.temporalUiUrl !== undefined && { TEMPORAL_UI_URL: stack.temporalUiUrl }),
    LOOTLEDGER_ENVIRONMENT: 'demo',
    API_PORT: String(apiPort),
    METRICS_PORT: '0',
    MATCH_HOST_PORT: '0',
    MATCH_LOBBY_MS: String(lobbyMs),
    TRADE_REVIEW_PRICE: String(tradeReviewPrice),
  };
}

const keptRunCount = 5;

/** A folder for this run's logs; those of the last few runs stay. */
async function newLogDir(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  const older = (await readdir(parent)).toSorted().slice(0, -(keptRunCount - 1));
  await Promise.all(older.map((name) => rm(join(parent, name), { recursive: true, force: true })));
  return join(parent, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}`);
}
