import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parseEconomy } from '../domain/economy/validate-economy.ts';
import { ensureTopics } from '../events/admin.ts';
import type { Broker } from '../events/broker.ts';
import type { Running } from '../events/handler.ts';
import { createBroker } from '../events/kafkajs-broker.ts';
import { createDatabase } from '../store/create-database.ts';
import { ensureDeployment } from '../store/deployment.ts';
import { applyEconomy } from '../store/economy/apply-economy.ts';
import { findCurrentEconomy } from '../store/economy/reads.ts';
import { migrate } from '../store/migrate.ts';
import { startApiProcess } from './api.ts';
import { startMatchHostProcess } from './match-host.ts';
import { runProcess } from './run-process.ts';
import type { ProcessParts } from './run-process.ts';
import { startWorkflowWorkers } from './workflows.ts';

export type Everything = Running & { addresses: { apiUrl: string; socketUrl?: string } };
export type AllOptions = {
  /** False: match hosts run as processes of their own. */
  matchHost?: boolean;
  onOperatorKey?: (secret: string) => void;
};

const economyFile = new URL('../economies/arena.json', import.meta.url);

/**
 * Every role in one process, for a laptop and for tests: what they share is opened once. Also does what an operator does
 * elsewhere before the first start: migrates, creates the topics, publishes the economy that ships with us.
 */
export async function startAll(
  parts: ProcessParts,
  { matchHost = true, ...told }: AllOptions = {},
): Promise<Everything> {
  const { config, log } = parts;
  const broker = createBroker({
    brokers: config.KAFKA_BROKERS,
    clientId: 'lootledger',
    prefix: config.KAFKA_TOPIC_PREFIX,
    log,
    tls: config.KAFKA_TLS,
  });
  await prepare(parts, broker);

  const [workflows, host, api] = await Promise.all([
    startWorkflowWorkers(parts),
    matchHost ? startMatchHostProcess(parts) : undefined,
    startApiProcess({ ...parts, ...told, playerEvents: { subscribe: () => () => {} } }),
  ]);
  return {
    addresses: { ...api.addresses, ...host?.addresses },
    async stop() {
      // doors first, so that nothing new comes in while the rest finishes
      await api.stop();
      await host?.stop();
      await workflows.stop();
      await broker.close();
    },
  };
}

async function prepare({ config, db, log }: ProcessParts, broker: Broker): Promise<void> {
  await createDatabase(config.DATABASE_URL);
  const applied = await migrate(config.DATABASE_URL);
  if (applied.length > 0) log.info({ applied }, 'migrated');
  await ensureDeployment(db, config.LOOTLEDGER_ENVIRONMENT);
  await ensureTopics(broker, { replicationCount: config.KAFKA_REPLICATION_COUNT });
  if ((await findCurrentEconomy(db)) !== null) return;
  const economy = parseEconomy(JSON.parse(await readFile(economyFile, 'utf8')));
  const { version } = await applyEconomy(db, economy, { actor: 'first-start', expectVersion: 0 });
  log.info({ version }, 'economy published');
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { 'without-match-host': { type: 'boolean', default: false } } });
  await runProcess('all', (parts) => startAll(parts, { matchHost: !values['without-match-host'] }));
}
