import type { Running } from '../events/handler.ts';
import { createActivities } from '../activities/index.ts';
import type { ActivityDeps } from '../activities/index.ts';
import { taskQueues } from '../workflows/messages.ts';
import { startQueueWorkers } from './queue-worker.ts';
import type { QueueWorkerDeps } from './queue-worker.ts';
import { runProcess } from './run-process.ts';

/** Workflow tasks and shared activities of the money stories and the matches. */
export function startWorkflowWorkers(deps: QueueWorkerDeps & ActivityDeps): Promise<Running> {
  const activities = createActivities(deps);
  return startQueueWorkers(deps, [
    { name: taskQueues.economy, bundle: 'economy', activities },
    { name: taskQueues.match, bundle: 'match', activities },
  ]);
}

if (import.meta.main) await runProcess('workflows', startWorkflowWorkers);
