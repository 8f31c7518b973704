import type { Running } from '../events/handler.ts';
import { loadConfig } from '../platform/config.ts';
import type { Config } from '../platform/config.ts';
import { createCrashPoints } from '../platform/crash-points.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import { startHealthServer } from '../platform/health-server.ts';
import { createLifecycle, exitOnSignals } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import type { Log } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Metrics } from '../platform/metrics.ts';
import { startTracing } from '../platform/tracing.ts';
import type { Tracing } from '../platform/tracing.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { ensureDeployment } from '../store/deployment.ts';

/** What every process opens first. */
export type ProcessParts = {
  config: Config;
  log: Log;
  metrics: Metrics;
  tracing: Tracing;
  crash: CrashPoints;
  db: Db;
};

/** Runs one role as a process of its own: settings, health and metrics, an orderly end on SIGTERM. */
export async function runProcess(
  service: string,
  start: (parts: ProcessParts) => Promise<Running & { addresses?: Record<string, string> }>,
): Promise<void> {
  const config = loadConfig();
  const log = createLog(service, config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  exitOnSignals(lifecycle, log);
  const metrics = createMetrics();
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, LOOTLEDGER_ENVIRONMENT: environment } = config;
  const tracing = startTracing({ service, environment, endpoint });
  lifecycle.onStop('telemetry', () => tracing.shutdown());
  const db = openDb({
    url: config.DATABASE_URL,
    connectionCountMax: config.DATABASE_POOL_COUNT_MAX,
    applicationName: `lootledger-${service}`,
  });
  lifecycle.onStop('database', () => db.close());
  await ensureDeployment(db, config.LOOTLEDGER_ENVIRONMENT);
  const checks = { postgres: async () => void (await db.query('SELECT 1')) };
  const isStopping = () => lifecycle.stopping;
  const health = await startHealthServer({ port: config.METRICS_PORT, metrics, checks, isStopping });
  lifecycle.onStop('health', () => health.close());
  const running = await start({
    config,
    log,
    metrics,
    tracing,
    crash: createCrashPoints(config.CRASH_POINT),
    db,
  });
  lifecycle.onStop(service, () => running.stop());
  log.info({ healthPort: health.port, ...running.addresses }, 'started');
}
