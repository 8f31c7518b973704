import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createPlayerClient } from '../../client/player-client.ts';
import type { PlayerClient } from '../../client/player-client.ts';
import { createServerClient } from '../../client/server-client.ts';
import type { ServerClient } from '../../client/server-client.ts';
import { loadConfig } from '../../platform/config.ts';
import { createCrashPoints } from '../../platform/crash-points.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { startTracing } from '../../platform/tracing.ts';
import type { Stack } from '../../stack/types.ts';
import { createDatabase } from '../../store/create-database.ts';
import type { Db } from '../../store/db.ts';
import { openDb } from '../../store/db.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { migrate } from '../../store/migrate.ts';
import { startAll } from '../../workers/all.ts';
import { databaseUrlFor } from './template.ts';

type Addresses = Pick<Stack, 'databaseUrl' | 'kafkaBrokers' | 'temporalAddress' | 'temporalUiUrl'>;

/** All roles in this process against the given servers, with a database, topics and task queues of their own. */
export type Lootledger = {
  db: Db;
  databaseUrl: string;
  apiUrl: string;
  topicPrefix: string;
  taskQueuePrefix: string;
  operator: ServerClient;
  operatorKey: string;
  /** A brought-in game's server. */
  game: ServerClient;
  newPlayer(): Promise<PlayerClient & { playerId: string }>;
  stop(): Promise<void>;
};

export async function startLootledger(
  servers: Addresses,
  options: { settings?: Record<string, string>; spanProcessor?: SpanProcessor } = {},
): Promise<Lootledger> {
  const id = randomBytes(6).toString('hex');
  const databaseUrl = databaseUrlFor(servers.databaseUrl, `lootledger_${id}`);
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: servers.kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: `${id}.`,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TEMPORAL_TASK_QUEUE_PREFIX: `${id}-`,
    ...(servers.temporalUiUrl && { TEMPORAL_UI_URL: servers.temporalUiUrl }),
    API_PORT: '0',
    METRICS_PORT: '0',
    MATCH_HOST_PORT: '0',
    MATCH_PRESET: 'shortMatch',
    AUDIT_INTERVAL_MS: '0',
    LOG_LEVEL: 'error',
    ...options.settings,
  });
  const { spanProcessor } = options;
  const tracing = startTracing({
    service: 'test',
    environment: 'test',
    ...(spanProcessor && { spanProcessor }),
  });
  await createDatabase(databaseUrl);
  await migrate(databaseUrl);
  const db = openDb({ url: databaseUrl, connectionCountMax: 20, applicationName: 'test' });
  await ensureDeployment(db, config.LOOTLEDGER_ENVIRONMENT);
  const log = createLog('test', config.LOG_LEVEL);
  const parts = { config, log, metrics: createMetrics(), tracing, crash: createCrashPoints(undefined), db };
  let operatorKey = '';
  const all = await startAll(parts, { onOperatorKey: (secret) => (operatorKey = secret) });

  const baseUrl = all.addresses.apiUrl;
  const operator = createServerClient({ baseUrl, apiKey: operatorKey });
  const scopes = ['grants:write', 'results:write', 'receipts:read'] as const;
  const { body: key } = await operator.createApiKey({ clientId: 'test-game', scopes: [...scopes] });
  return {
    db,
    databaseUrl,
    apiUrl: baseUrl,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    operator,
    operatorKey,
    game: createServerClient({ baseUrl, apiKey: key.secret }),
    async newPlayer() {
      const player = createPlayerClient({ baseUrl });
      const { playerId } = await player.session.guest(randomBytes(32).toString('base64url'));
      return { ...player, playerId };
    },
    async stop() {
      await all.stop();
      await db.close();
      await tracing.shutdown();
    },
  };
}

/** Asks until there is an answer; fails with what was waited for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(50);
  }
}

export const grantGold = (game: ServerClient, playerId: string, amount: number) =>
  game.grant({
    reference: randomUUID(),
    player: { id: playerId },
    lines: [{ asset: 'gold', amount: String(amount) }],
  });
