import { createBroker } from '../events/kafkajs/broker.ts';
import { allTopics } from '../events/catalogue/topics.ts';
import { loadConfig } from '../platform/config.ts';
import { kafkaAddress } from '../platform/kafka-address.ts';
import { createLog } from '../platform/log.ts';
import { openTemporal } from '../platform/temporal.ts';
import { checks, runDoctor } from '../stack/doctor.ts';
import type { Check, Finding } from '../stack/doctor.ts';
import { openDb } from '../store/db.ts';
import { pendingMigrations } from '../store/pending-migrations.ts';
import { taskQueues } from '../workflows/messages.ts';

/** `npm run doctor`: what this machine has and lacks, then what the configured deployment has and lacks. */
const config = loadConfig();

/** Looks into a server with `look`; one that does not run is worth a note, not a failure. */
const check = (title: string, start: string, look: () => Promise<Finding[]>): Check => ({
  title,
  run: () =>
    look().catch((error: Error): Finding[] => [
      { name: 'unreachable', state: 'note', detail: error.message.split('\n')[0] ?? '', fix: start },
    ]),
});

const startServers = 'npm run stack -- up';

const migrations = check('Migrations', startServers, async () => {
  const db = openDb({ url: config.DATABASE_URL, connectionCountMax: 1, applicationName: 'doctor' });
  try {
    const pending = await pendingMigrations(db);
    if (pending.length === 0) return [{ name: 'schema', state: 'ok', detail: 'up to date' }];
    return pending.map((name) => ({ name: 'pending', state: 'note', detail: name, fix: 'npm run migrate' }));
  } finally {
    await db.close();
  }
});

const topics = check('Topics', startServers, async () => {
  const broker = createBroker({
    ...kafkaAddress(config),
    clientId: 'doctor',
    log: createLog('doctor', 'silent'),
  });
  try {
    const existing = new Set(await broker.admin.listTopics());
    const missing = allTopics.map(({ name }) => name).filter((name) => !existing.has(name));
    if (missing.length === 0)
      return [{ name: 'catalogue', state: 'ok', detail: `all ${allTopics.length} exist` }];
    return [{ name: 'missing', state: 'note', detail: missing.join(', '), fix: 'npm run topics' }];
  } finally {
    await broker.close();
  }
});

const pollers = check('Task queues', startServers, async () => {
  const temporal = openTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    uiUrl: config.TEMPORAL_UI_URL,
  });
  try {
    const names = [taskQueues.economy, taskQueues.match, taskQueues.events];
    return await Promise.all(
      names.map(async (name): Promise<Finding> => {
        const { pollers: polling } = await temporal.connection.workflowService.describeTaskQueue({
          namespace: config.TEMPORAL_NAMESPACE,
          taskQueue: { name: temporal.taskQueue(name) },
          taskQueueType: 1,
        });
        const count = polling?.length ?? 0;
        if (count > 0) return { name, state: 'ok', detail: `${count} pollers` };
        return { name, state: 'note', detail: 'nobody polls', fix: 'npm run dev' };
      }),
    );
  } finally {
    await temporal.close();
  }
});

process.exitCode = (await runDoctor([...checks, migrations, topics, pollers])) ? 0 : 1;
