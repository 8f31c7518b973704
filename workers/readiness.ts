import type { Config } from '../platform/config.ts';
import type { HealthChecks } from '../platform/health-server.ts';
import type { Log } from '../platform/log.ts';
import { openTemporal } from '../platform/temporal.ts';
import type { Db } from '../store/db.ts';
import { brokerFrom } from './open-events.ts';

/** What a role cannot do without, besides PostgreSQL. */
export type Need = 'temporal' | 'kafka';

export type Readiness = { checks: HealthChecks; close(): Promise<void> };

/** Asks each server over a connection of its own, made when first asked: readiness must not wait for the role's parts. */
export function createReadiness(
  { config, db, log }: { config: Config; db: Db; log: Log },
  service: string,
  needs: readonly Need[],
): Readiness {
  const checks: HealthChecks = { postgres: async () => void (await db.query('SELECT 1')) };
  const closers: (() => Promise<void>)[] = [];
  if (needs.includes('temporal')) {
    const temporal = openTemporal({
      address: config.TEMPORAL_ADDRESS,
      namespace: config.TEMPORAL_NAMESPACE,
      taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
      uiUrl: config.TEMPORAL_UI_URL,
    });
    const { workflowService } = temporal.connection;
    checks['temporal'] = async () => void (await workflowService.getSystemInfo({}));
    closers.push(() => temporal.close());
  }
  if (needs.includes('kafka')) {
    const broker = brokerFrom(config, log, `lootledger-${service}-health`);
    checks['kafka'] = () => broker.ping();
    closers.push(() => broker.close());
  }
  return {
    checks,
    async close() {
      await Promise.allSettled(closers.map((close) => close()));
    },
  };
}
