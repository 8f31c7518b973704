import type { Running } from '../events/consumer/handler.ts';
import { loadConfig } from '../platform/config.ts';
import type { Config } from '../platform/config.ts';
import { createCrashPoints } from '../platform/crash-points.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import { startHealthServer } from '../platform/health-server.ts';
import { createLifecycle, exitOnSignals } from '../platform/lifecycle.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import type { Log } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Metrics } from '../platform/metrics.ts';
import { startTracing } from '../platform/tracing.ts';
import type { Tracing } from '../platform/tracing.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { ensureDeployment } from '../store/deployment.ts';
import { createReadiness } from './readiness.ts';
import type { Need } from './readiness.ts';
import { waitForDatabase } from './wait-for-database.ts';

/** What every process opens first. */
export type ProcessParts = {
  config: Config;
  log: Log;
  metrics: Metrics;
  tracing: Tracing;
  crash: CrashPoints;
  db: Db;
  /** Fires when the process is asked to end, also while it still starts. */
  stopping?: AbortSignal;
};

export type Role = (parts: ProcessParts) => Promise<Running & { addresses?: Record<string, string> }>;

export type RoleOptions = {
  /** What `/readyz` asks besides PostgreSQL. */
  needs: readonly Need[];
  /** Done before the first use of the database, as soon as PostgreSQL answers. */
  prepare?: (config: Config) => Promise<void>;
};

/**
 * Runs one role as a process of its own: settings, health and metrics, an orderly end on SIGTERM. Health is answered before
 * anything is waited for, so that whoever watches sees what a start is waiting for.
 */
export async function runProcess(
  service: string,
  start: Role,
  { needs, prepare }: RoleOptions,
): Promise<void> {
  const config = loadConfig();
  const log = createLog(service, config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  exitOnSignals(lifecycle, log);
  const parts = openParts(service, config, log, lifecycle);
  const { db } = parts;

  let started = false;
  const readiness = createReadiness(parts, service, needs);
  lifecycle.onStop('readiness', () => readiness.close());
  const startCheck = async () => {
    if (!started) throw new Error('the process has not started yet');
  };
  const health = await startHealthServer({
    host: config.METRICS_HOST,
    port: config.METRICS_PORT,
    metrics: parts.metrics,
    checks: { start: startCheck, ...readiness.checks },
    isStopping: () => lifecycle.stopping,
  });
  lifecycle.onStop('health', () => health.close());
  log.info({ healthPort: health.port }, 'starting');

  const stop = new AbortController();
  const starting = (async () => {
    const prepareDatabase = async () => {
      await prepare?.(config);
      await ensureDeployment(db, config.LOOTLEDGER_ENVIRONMENT);
    };
    await waitForDatabase(prepareDatabase, { log, stopping: stop.signal });
    return start({ ...parts, stopping: stop.signal });
  })();
  // registered before it has started: a SIGTERM meanwhile ends the waiting, or what has just been opened
  lifecycle.onStop(service, async () => {
    stop.abort();
    const running = await starting.catch(() => undefined);
    await running?.stop();
  });
  try {
    const running = await starting;
    started = true;
    if (!lifecycle.stopping) log.info({ healthPort: health.port, ...running.addresses }, 'started');
  } catch (error) {
    if (!lifecycle.stopping) throw error;
  }
}

function openParts(
  service: string,
  config: Config,
  log: Log,
  lifecycle: Lifecycle,
): Omit<ProcessParts, 'stopping'> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, LOOTLEDGER_ENVIRONMENT: environment } = config;
  const tracing = startTracing({ service, environment, endpoint });
  lifecycle.onStop('telemetry', () => tracing.shutdown());
  const db = openDb({
    url: config.DATABASE_URL,
    connectionCountMax: config.DATABASE_POOL_COUNT_MAX,
    applicationName: `lootledger-${service}`,
  });
  lifecycle.onStop('database', () => db.close());
  const crash = createCrashPoints(config.CRASH_POINT);
  return { config, log, metrics: createMetrics(), tracing, crash, db };
}
