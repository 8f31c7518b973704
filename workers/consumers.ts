import { createEventReplayActivities } from '../activities/event-replay/event-replay-activities.ts';
import { createRedriveActivities } from '../activities/redrive/redrive-activities.ts';
import { consume } from '../events/consumer/consume.ts';
import { startDeadLetterGauges } from '../events/redrive/dead-letter-gauges.ts';
import type { Running } from '../events/consumer/handler.ts';
import { allHandlers, byGroup } from '../events/handlers/index.ts';
import { startStatsReports } from '../events/consumer/report-stats.ts';
import { startDispatcher } from '../events/subscriptions/dispatcher.ts';
import { taskQueues } from '../workflows/messages.ts';
import { connectTemporal } from './connect-temporal.ts';
import { brokerFrom, openEvents } from './open-events.ts';
import type { EventParts } from './open-events.ts';
import { startQueueWorkers } from './queue-worker.ts';
import { runProcess } from './run-process.ts';
import type { ProcessParts } from './run-process.ts';
import { waitForTopics } from './wait-for-topics.ts';
import { webhookQueue } from './webhook-queue.ts';

export type ConsumersProcessDeps = ProcessParts & {
  /** Shared with other roles of the process; else opened and closed here. */
  events?: EventParts;
};

/** Every consumer group, and task queue `events`: redriving and replaying need the handlers, so they run where they are. */
export async function startConsumersProcess(deps: ConsumersProcessDeps): Promise<Running> {
  const broker = deps.events?.broker ?? brokerFrom(deps.config, deps.log, 'lootledger-consumers');
  const events = deps.events ?? (await openEvents(deps, broker));
  const temporal = connectTemporal(deps);
  const stop = new AbortController();
  const handlers = allHandlers({ ...deps, temporal });
  const running: Running[] = [startDeadLetterGauges(deps), startStatsReports(deps, handlers)];
  const started = waitForTopics(broker, deps.config, deps.log, stop.signal).then(() => {
    if (stop.signal.aborted) return;
    for (const handler of handlers) running.push(consume({ ...deps, ...events }, handler));
    running.push(startDispatcher({ ...deps, ...events, temporal }));
  });
  const parts = { ...deps, ...events, handlers: byGroup(handlers) };
  const activities = {
    ...createRedriveActivities(parts),
    ...createEventReplayActivities({ ...parts, replicationCount: deps.config.KAFKA_REPLICATION_COUNT }),
  };
  const redrives = await startQueueWorkers(deps, [
    { name: taskQueues.events, bundle: 'events', activities },
    webhookQueue({ ...deps, ...events }),
  ]);
  return {
    async stop() {
      stop.abort();
      await redrives.stop();
      await started;
      await Promise.all(running.map((part) => part.stop()));
      await temporal.close();
      if (deps.events === undefined) await broker.close();
    },
  };
}

if (import.meta.main) await runProcess('consumers', startConsumersProcess, { needs: ['temporal', 'kafka'] });
