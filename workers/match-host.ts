import { randomUUID } from 'node:crypto';
import { createHostActivities } from '../activities/match/host-activities.ts';
import { createMatchHost } from '../arena/match-host.ts';
import type { MatchHost } from '../arena/match-host.ts';
import { listen } from '../arena/serve.ts';
import type { Running } from '../events/consumer/handler.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { ensureSecret } from '../store/signing-keys/ensure-secret.ts';
import { taskQueues } from '../workflows/messages.ts';
import { startQueueWorkers } from './queue-worker.ts';
import type { QueueWorkerDeps } from './queue-worker.ts';
import { runProcess } from './run-process.ts';

export type MatchHostProcessDeps = QueueWorkerDeps & {
  db: Db;
  metrics: Metrics;
  crash: CrashPoints;
  tickMs?: number;
};
export type RunningMatchHost = Running & { host: MatchHost; port: number; addresses: { socketUrl: string } };

/** Claims and re-hosting after a loss come in bursts beside the matches that run. */
const spareSlotCount = 50;

/**
 * Hosts matches: sockets and the internal door on one port, claims from the shared queue, matches from a queue of its own.
 * Stopped, it first stops claiming, then hands its matches over, and only then closes.
 */
export async function startMatchHostProcess(deps: MatchHostProcessDeps): Promise<RunningMatchHost> {
  const { config, db } = deps;
  const hostId = randomUUID();
  const port = await listen({ host: config.API_HOST, port: config.MATCH_HOST_PORT });
  const capacity = config.MATCH_HOST_CAPACITY;
  const publicUrl = config.MATCH_HOST_PUBLIC_URL ?? `ws://${config.API_HOST}:${port.port}`;
  const host = await createMatchHost({
    ...deps,
    hostId,
    capacity,
    publicUrl,
    internalUrl: config.MATCH_HOST_INTERNAL_URL ?? `http://${config.API_HOST}:${port.port}`,
  });
  const serviceSecret = config.SERVICE_TOKEN_SECRET ?? (await ensureSecret(db, 'service-token'));
  const server = port.attach(host, { ...deps, serviceSecret, allowedOrigins: config.CORS_ORIGINS });

  const { claimHost, hostMatch } = createHostActivities({ db, host });
  const [claims, matches] = await Promise.all([
    startQueueWorkers(deps, [{ name: taskQueues.matchHost, activities: { claimHost } }]),
    startQueueWorkers(deps, [
      {
        name: taskQueues.matchHostOf(hostId),
        activities: { hostMatch },
        options: { maxConcurrentActivityTaskExecutions: capacity + spareSlotCount },
      },
    ]),
  ]);
  return {
    host,
    port: port.port,
    addresses: { socketUrl: publicUrl },
    async stop() {
      await claims.stop();
      await host.drain();
      await matches.stop();
      await server.close();
    },
  };
}

if (import.meta.main) await runProcess('match-host', startMatchHostProcess, { needs: ['temporal'] });
