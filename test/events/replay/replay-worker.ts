import { createEventReplayActivities } from '../../../activities/event-replay/event-replay-activities.ts';
import { createCodec } from '../../../events/codec/codec.ts';
import type { Running } from '../../../events/consumer/handler.ts';
import { openRegistry } from '../../../events/codec/registry.ts';
import { loadConfig } from '../../../platform/config.ts';
import { createCrashPoints } from '../../../platform/crash-points.ts';
import { createLog } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/metrics.ts';
import { openDb } from '../../../store/db.ts';
import { brokerFrom } from '../../../workers/open-events.ts';
import { startQueueWorkers } from '../../../workers/queue-worker.ts';
import { taskQueues } from '../../../workflows/messages.ts';

/** What of the consumers' process replays events, also as a process of its own, for tests that kill it. */
export async function startReplayWorker(settings: Record<string, string>): Promise<Running> {
  const config = loadConfig(settings);
  const log = createLog('replays', 'silent');
  const db = openDb({ url: config.DATABASE_URL, connectionCountMax: 10 });
  const broker = brokerFrom(config, log, 'replays');
  const activities = createEventReplayActivities({
    db,
    broker,
    log,
    codec: createCodec(await openRegistry(db)),
    metrics: createMetrics(),
    origin: {
      source: '/lootledger/test',
      ledgerEpoch: 1,
    },
    crash: createCrashPoints(config.CRASH_POINT),
    handlers: new Map(),
    replicationCount: 1,
  });
  const worker = await startQueueWorkers({ config, log }, [
    { name: taskQueues.events, bundle: 'events', activities },
  ]);
  return {
    async stop() {
      await worker.stop();
      await broker.close();
      await db.close();
    },
  };
}

if (import.meta.main) await startReplayWorker(JSON.parse(process.argv[2] ?? '') as Record<string, string>);
