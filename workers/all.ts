import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parseEconomy } from '../domain/economy/validate-economy.ts';
import type { Running } from '../events/consumer/handler.ts';
import { createDatabase } from '../store/create-database.ts';
import { applyEconomy } from '../store/economy/apply-economy.ts';
import { findCurrentEconomy } from '../store/economy/reads.ts';
import { migrate } from '../store/migrate.ts';
import { startApiProcess } from './api.ts';
import { startConsumersProcess } from './consumers.ts';
import { startMatchHostProcess } from './match-host.ts';
import { brokerFrom, openEvents } from './open-events.ts';
import { startRelayProcess } from './outbox-relay.ts';
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
 * Every role in one process, for a laptop and for tests; what they share is opened once. A database without an economy
 * gets the one that ships with us.
 */
export async function startAll(parts: ProcessParts, options: AllOptions = {}): Promise<Everything> {
  const { matchHost = true, onOperatorKey } = options;
  const broker = brokerFrom(parts.config, parts.log, 'lootledger');
  const [events] = await Promise.all([openEvents(parts, broker), publishEconomy(parts)]);
  const deps = { ...parts, events };
  const [workflows, relay, consumers, host, api] = await Promise.all([
    startWorkflowWorkers(parts),
    startRelayProcess(deps),
    startConsumersProcess(deps),
    matchHost ? startMatchHostProcess(parts) : undefined,
    startApiProcess({ ...deps, ...(onOperatorKey && { onOperatorKey }) }),
  ]);
  return {
    addresses: { ...api.addresses, ...host?.addresses },
    async stop() {
      // doors first, so that nothing new comes in while the rest finishes
      await api.stop();
      await host?.stop();
      await Promise.all([workflows.stop(), consumers.stop()]);
      await relay.stop();
      await broker.close();
    },
  };
}

async function publishEconomy({ db, log }: ProcessParts): Promise<void> {
  if ((await findCurrentEconomy(db)) !== null) return;
  const economy = parseEconomy(JSON.parse(await readFile(economyFile, 'utf8')));
  const { version } = await applyEconomy(db, economy, { actor: 'first-start' });
  log.info({ version }, 'economy published');
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { 'without-match-host': { type: 'boolean', default: false } } });
  await runProcess('all', (parts) => startAll(parts, { matchHost: !values['without-match-host'] }), {
    needs: ['temporal', 'kafka'],
    // elsewhere an operator does this before the first start
    async prepare({ DATABASE_URL }) {
      await createDatabase(DATABASE_URL);
      await migrate(DATABASE_URL);
    },
  });
}
