import type { Running } from '../events/consumer/handler.ts';
import { createActivities } from '../activities/index.ts';
import type { ActivityDeps } from '../activities/index.ts';
import { taskQueues } from '../workflows/messages.ts';
import { keepAuditSchedule } from './audit-schedule.ts';
import { startQueueWorkers } from './queue-worker.ts';
import type { QueueWorkerDeps } from './queue-worker.ts';
import { runProcess } from './run-process.ts';
import { startSweep } from './sweep.ts';

/** Workflow tasks and shared activities of the money stories and the matches, and the sweep of what they leave behind. */
export async function startWorkflowWorkers(deps: QueueWorkerDeps & ActivityDeps): Promise<Running> {
  const activities = createActivities(deps);
  const sweep = startSweep(deps);
  const schedule = keepAuditSchedule(deps);
  const workers = await startQueueWorkers(deps, [
    { name: taskQueues.economy, bundle: 'economy', activities },
    { name: taskQueues.match, bundle: 'match', activities },
  ]);
  return {
    async stop() {
      await workers.stop();
      await sweep.stop();
      await schedule.stop();
    },
  };
}

if (import.meta.main) await runProcess('workflows', startWorkflowWorkers, { needs: ['temporal'] });
